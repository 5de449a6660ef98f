curl -X DELETE https://backend.flashback.tech/settings/organization \
-H 'Accept: application/json' \
-H 'Authorization: Bearer {access-token}' \
-H 'Content-Type: application/json' \
-d '{
"keys": ["retentionPolicy", "security.requireMFA"]
}'
