-- The profile of an organization as the API shows it. Not declared strict, because then PostgreSQL would call it and
-- not inline it, which costs each change of a profile 20 µs.
create or replace function organization_profile_2(organization organizations) returns jsonb
language sql stable parallel safe as $function$
  select jsonb_build_object(
    'id', organization.id,
    'name', organization.name,
    'domain', organization.domain,
    'address1', organization.address1,
    'address2', organization.address2,
    'city', organization.city,
    'zipcode', organization.zipcode,
    'phone', organization.phone,
    'state', organization.state,
    'country', organization.country,
    'deletedAt', organization.deleted_at,
    'reposDisabled', organization.repos_disabled,
    'website', organization.website,
    'is_business', organization.is_business,
    'mfaEnforced', organization.mfa_enforced)
$function$;
