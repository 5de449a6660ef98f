-- The columns that a member may change, with their values in a profile as the API shows it: the reverse of
-- organization_profile_2. What the profile does not have is left out.
create or replace function organization_columns(profile jsonb) returns jsonb
language sql immutable strict parallel safe as $function$
  select jsonb_object_agg(case f.name when 'mfaEnforced' then 'mfa_enforced' else f.name end, f.value)
  from jsonb_each(profile) f (name, value)
  where f.name not in ('id', 'domain', 'deletedAt', 'reposDisabled', 'website')
$function$;
