-- Where the history of a document of an organization, or of the system, stands: its newest version, the oldest one that
-- has its content, about how many bytes these contents take, and how many the document takes that the oldest would be
-- kept with, if those before it went: of a profile none, because each of its versions is kept whole.
create or replace function organization_history(
  p_organization_id uuid, p_context integer,
  out version bigint, out history_from bigint, out history_bytes bigint, out document_bytes integer
)
language plpgsql volatile as $function$
begin
  if p_context = 8 then
    select s.version, s.history_from, s.history_bytes, pg_column_size(s.settings)
      into version, history_from, history_bytes, document_bytes from organization_settings s
      where s.organization_id = p_organization_id;
  elsif p_context = 4 then
    select o.version, o.history_from, o.history_bytes, 0
      into version, history_from, history_bytes, document_bytes from organizations o
      where o.id = p_organization_id;
  elsif is_system(p_organization_id) then
    select d.version, d.history_from, d.history_bytes, pg_column_size(d.document)
      into version, history_from, history_bytes, document_bytes from system_documents d
      where d.kind = p_context;
  else
    select d.version, d.history_from, d.history_bytes, pg_column_size(d.document)
      into version, history_from, history_bytes, document_bytes from organization_documents d
      where d.organization_id = p_organization_id and d.kind = p_context;
  end if;
end
$function$;
