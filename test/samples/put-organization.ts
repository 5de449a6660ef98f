// Note: This endpoint doesn't have a direct client method in the provided TypeScript client
// You would need to use the generic makeRequest method:
// this.makeRequest<any>(`organization/${orgId}`, 'PUT', { 
//   name: 'Updated Organization Name',
//   address1: '456 New Business Ave',
//   city: 'Los Angeles',
//   state: 'CA',
//   mfaEnforced: true
// });
