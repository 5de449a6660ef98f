-- A JSON Patch (RFC 6902) that turns `before` into `after`; an empty array when they are equal.
create or replace function settings_diff(before jsonb, after jsonb) returns jsonb
language plpgsql immutable strict parallel safe as $function$
begin
  return to_jsonb(settings_changes(before, after, ''));
end
$function$;
