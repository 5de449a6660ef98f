-- Adds to the bytes that the contents of a document's versions are counted to take.
create or replace function organization_history_counted(p_organization_id uuid, p_context integer, p_more bigint)
returns void
language plpgsql volatile as $function$
begin
  if p_context = 8 then
    update organization_settings s set history_bytes = s.history_bytes + p_more
      where s.organization_id = p_organization_id;
  elsif p_context = 4 then
    update organizations o set history_bytes = o.history_bytes + p_more where o.id = p_organization_id;
  elsif is_system(p_organization_id) then
    update system_documents d set history_bytes = d.history_bytes + p_more where d.kind = p_context;
  else
    update organization_documents d set history_bytes = d.history_bytes + p_more
      where d.organization_id = p_organization_id and d.kind = p_context;
  end if;
end
$function$;
