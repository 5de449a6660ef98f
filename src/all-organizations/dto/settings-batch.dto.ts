import { ApiProperty } from '@nestjs/swagger';

export const MAX_BATCH = 100;

/** An organization whose settings are wanted. */
export class WantedSettingsDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  /** The version that the caller has: the document comes only if it is in another one. A number or its digits. */
  @ApiProperty({ required: false, type: undefined, oneOf: [{ type: 'string' }, { type: 'integer', minimum: 0 }] })
  version?: string | number;
}

/** The body of a batch of reads. */
export class SettingsBatchDto {
  /** Each organization once. */
  @ApiProperty({ minItems: 1, maxItems: MAX_BATCH })
  organizations: WantedSettingsDto[];
}
