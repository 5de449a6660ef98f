package main
import (
"bytes"
"encoding/json"
"net/http"
)
func main() {
headers := map[string][]string{
"Accept": []string{"application/json"},
"Authorization": []string{"Bearer {access-token}"},
"Content-Type": []string{"application/json"},
}
body := map[string]interface{}{
"settings": map[string]interface{}{
"defaultStorageType": "S3",
"maxFileSize": "10GB",
"retentionPolicy": map[string]interface{}{
"enabled": true,
"days": 365,
},
"security": map[string]interface{}{
"requireMFA": true,
"sessionTimeout": 3600,
},
},
}
jsonData, _ := json.Marshal(body)
data := bytes.NewBuffer(jsonData)
req, err := http.NewRequest("POST", "https://backend.flashback.tech/settings/organization", data)
req.Header = headers
client := &http.Client{}
resp, err := client.Do(req)
// ...
}
