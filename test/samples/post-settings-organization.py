import requests
import json
headers = {
'Accept': 'application/json',
'Authorization': 'Bearer {access-token}',
'Content-Type': 'application/json'
}
body = {
"settings": {
"defaultStorageType": "S3",
"maxFileSize": "10GB",
"retentionPolicy": {
"enabled": True,
"days": 365
},
"security": {
"requireMFA": True,
"sessionTimeout": 3600
}
}
}
r = requests.post('https://backend.flashback.tech/settings/organization',
headers=headers,
data=json.dumps(body))
print(r.json())
