/** A whole settings document. */
export class UpdateSettingsDto {
  /** Complete settings object to replace the existing settings: any JSON object. */
  settings: Record<string, unknown>;
}
