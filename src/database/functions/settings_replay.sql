-- The document that a series of JSON Patches (RFC 6902) makes of another, applied in their order.
create or replace function settings_replay(document jsonb, patches jsonb[]) returns jsonb
language plpgsql immutable strict parallel safe as $function$
declare
  patch jsonb;
begin
  foreach patch in array patches loop
    document := settings_patch(document, patch);
  end loop;
  return document;
end
$function$;
