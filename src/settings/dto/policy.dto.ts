/** A whole policy. */
export class UpdatePolicyDto {
  /**
   * The policy that is to hold: `locks` (JSON Pointers, each with an object that may have a `reason`), `schema` (JSON
   * Schemas 2020-12 for the documents of each layer) and `enforcement` (`off`, `warn` or `enforce`).
   */
  policy: Record<string, unknown>;
}
