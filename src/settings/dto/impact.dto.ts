import { ApiProperty, ApiPropertyOptional, type ApiPropertyOptions } from '@nestjs/swagger';
import { ApiInteger } from '../../common/http/api-integer.decorator.js';

/** A number of people from 1 to 4 is not told: it is null, with this beside it. */
const Below = () => ApiPropertyOptional({ type: 'integer', const: 5 } as ApiPropertyOptions);

/** A place that would change, and for how many members. */
export class ImpactPathDto {
  /** A JSON Pointer (RFC 6901), as far as documents of the organization or the system have its names. */
  path: string;

  @ApiInteger({ nullable: true })
  members: number | null;

  @Below()
  below?: number;
}

/** A rule that stored documents would break. */
export class ImpactExampleDto {
  /** A JSON Pointer (RFC 6901), as far as the schema has its names. */
  pointer: string;

  rule: string;
}

/** How many stored documents the new schema would not allow. */
export class ImpactViolationsDto {
  @ApiInteger({ nullable: true })
  documents: number | null;

  @Below()
  below?: number;

  @ApiProperty({ type: [ImpactExampleDto] })
  examples: ImpactExampleDto[];
}

/** Whom a change would touch. */
export class ImpactDto {
  /** How many members there are. */
  @ApiInteger()
  members: number;

  /** For how many of them the effective settings would be others. */
  @ApiInteger({ nullable: true })
  changed: number | null;

  @Below()
  below?: number;

  /** Where, the place with the most members first; at most 100. */
  @ApiProperty({ type: [ImpactPathDto] })
  paths: ImpactPathDto[];

  violations: ImpactViolationsDto;

  /** How many members were looked at, where that is not all: then the numbers are about these. */
  @ApiPropertyOptional({ type: 'integer' })
  sampled?: number;
}
