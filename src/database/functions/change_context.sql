-- What was changed, as the platform numbers it, for those that functions name; the names are those of
-- `ChangeContext`. PostgreSQL puts the number in the place of the call when it plans a statement, where it would
-- look at a constant of PL/pgSQL in each execution.
create or replace function change_context(name text) returns smallint
language sql immutable parallel safe as $function$
  select case name
    when 'USER' then 3::smallint
    when 'ORGANIZATION' then 4::smallint
    when 'USER_SETTINGS' then 7::smallint
    when 'ORGANIZATION_SETTINGS' then 8::smallint
    when 'IMPACT' then 104::smallint
  end
$function$;
