curl -X PUT https://backend.flashback.tech/organization/123e4567-e89b-12d3-a456-426614174000 \
  -H 'Accept: application/json' \
  -H 'Content-Type: application/json' \
  -H 'Authorization: Bearer {access-token}' \
  -d '{
    "name": "Updated Organization Name",
    "address1": "456 New Business Ave",
    "city": "Los Angeles",
    "state": "CA",
    "mfaEnforced": true
  }'
