curl -X PUT https://backend.flashback.tech/settings/user \
-H 'Accept: application/json' \
-H 'Authorization: Bearer {access-token}' \
-H 'Content-Type: application/json' \
-d '{
"theme": "light",
"notifications": {
"email": false
}
}'
