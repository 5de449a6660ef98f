/** The reply to a request that failed, on every route but those under /organization. */
export class SettingsErrorDto {
  /** Always false. */
  success: boolean;

  /** What kind of thing was wrong. */
  message: string;

  /** What exactly was wrong, where the message does not say it. */
  error?: string;
}
