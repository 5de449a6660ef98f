-- The profile of an organization, made of its row (to_jsonb), for instances of the release before
-- organization_profile_2.
create or replace function organization_profile(organization jsonb) returns jsonb
language sql immutable strict parallel safe as $function$
  select organization
    - '{version,created_at,updated_at,deleted_at,repos_disabled,mfa_enforced,history_bytes,history_from}'::text[]
    || jsonb_build_object(
      'deletedAt', organization -> 'deleted_at',
      'reposDisabled', organization -> 'repos_disabled',
      'mfaEnforced', organization -> 'mfa_enforced')
$function$;
