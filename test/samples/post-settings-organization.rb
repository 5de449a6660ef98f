require 'rest-client'
require 'json'
headers = {
'Accept' => 'application/json',
'Authorization' => 'Bearer {access-token}',
'Content-Type' => 'application/json'
}
body = {
"settings" => {
"defaultStorageType" => "S3",
"maxFileSize" => "10GB",
"retentionPolicy" => {
"enabled" => true,
"days" => 365
},
"security" => {
"requireMFA" => true,
"sessionTimeout" => 3600
}
}
}
result = RestClient.post 'https://backend.flashback.tech/settings/organization',
body.to_json, headers: headers
p JSON.parse(result)
