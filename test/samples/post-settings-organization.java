URL obj = new URL("https://backend.flashback.tech/settings/organization");
HttpURLConnection con = (HttpURLConnection) obj.openConnection();
con.setRequestMethod("POST");
con.setRequestProperty("Accept", "application/json");
con.setRequestProperty("Authorization", "Bearer {access-token}");
con.setRequestProperty("Content-Type", "application/json");
String jsonInputString = "{\"settings\":{\"defaultStorageType\":\"S3\",\"maxFileSize\":\"10GB\",\"retentionPolicy\":{\"enabled\":true,\"days\":365},\"security\":{\"requireMFA\":true,\"sessionTimeout\":3600}}}";
con.setDoOutput(true);
try(OutputStream os = con.getOutputStream()) {
byte[] input = jsonInputString.getBytes("utf-8");
os.write(input, 0, input.length);
}
int responseCode = con.getResponseCode();
BufferedReader in = new BufferedReader(
new InputStreamReader(con.getInputStream()));
String inputLine;
StringBuffer response = new StringBuffer();
while ((inputLine = in.readLine()) != null) {
response.append(inputLine);
}
in.close();
System.out.println(response.toString());
