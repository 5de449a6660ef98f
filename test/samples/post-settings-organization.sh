curl -X POST https://backend.flashback.tech/settings/organization \
-H 'Accept: application/json' \
-H 'Authorization: Bearer {access-token}' \
-H 'Content-Type: application/json' \
-d '{
"settings": {
"defaultStorageType": "S3",
"maxFileSize": "10GB",
"retentionPolicy": {
"enabled": true,
"days": 365
},
"security": {
"requireMFA": true,
"sessionTimeout": 3600
}
}
}'
