import { ApiProperty } from '@nestjs/swagger';

/** The settings of one organization. */
export class BatchedSettingsDto {
  @ApiProperty({ format: 'uuid' })
  organizationId: string;

  /** The number of the version, as text: it may outgrow a double. */
  version: string;

  /** The entity tag of the version (RFC 9110 §8.8.3). */
  etag: string;

  /** The whole document; `{}` before the first write. */
  settings: Record<string, unknown>;
}

/** The reply to a batch of reads. What the caller has already is in none of its lists. */
export class SettingsBatchResponseDto {
  /** Always true. */
  success: boolean;

  /** In the order of the request. */
  settings: BatchedSettingsDto[];

  /** The ids of organizations that do not exist or are deleted. */
  @ApiProperty({ type: String, isArray: true, format: 'uuid' })
  notFound: string[];

  /** The ids whose settings did not fit: ask for them again. */
  @ApiProperty({ type: String, isArray: true, format: 'uuid' })
  more: string[];
}
