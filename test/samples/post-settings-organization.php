<?php
require 'vendor/autoload.php';
$headers = array(
'Accept' => 'application/json',
'Authorization' => 'Bearer {access-token}',
'Content-Type' => 'application/json',
);
$client = new \GuzzleHttp\Client();
// Define array of request body.
$request_body = array(
'settings' => array(
'defaultStorageType' => 'S3',
'maxFileSize' => '10GB',
'retentionPolicy' => array(
'enabled' => true,
'days' => 365
),
'security' => array(
'requireMFA' => true,
'sessionTimeout' => 3600
)
)
);
try {
$response = $client->request('POST','https://backend.flashback.tech/settings/organization', array(
'headers' => $headers,
'json' => $request_body,
)
);
print_r($response->getBody()->getContents());
}
catch (\GuzzleHttp\Exception\BadResponseException $e) {
// handle exception or api errors.
print_r($e->getMessage());
}
