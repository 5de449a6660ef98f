-- The contexts of all documents of an organization, or of the system, whose versions are kept: the profile (4), which
-- comes first, as a change of it locks first, the settings (8) and the policy (100); the system's settings (101) and
-- policy (102).
create or replace function document_contexts() returns integer[]
language sql immutable parallel safe as $function$
  select '{4,8,100,101,102}'::integer[]
$function$;
