const headers = {
'Accept':'application/json',
'Authorization':'Bearer {access-token}',
'Content-Type':'application/json'
};
const body = {
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
};
fetch('https://backend.flashback.tech/settings/organization',
{
method: 'POST',
headers: headers,
body: JSON.stringify(body)
})
.then(function(res) {
return res.json();
}).then(function(body) {
console.log(body);
});
