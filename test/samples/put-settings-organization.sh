curl -X PUT https://backend.flashback.tech/settings/organization \
-H 'Accept: application/json' \
-H 'Authorization: Bearer {access-token}' \
-H 'Content-Type: application/json' \
-d '{
"maxFileSize": "20GB",
"security": {
"requireMFA": false
}
}'
