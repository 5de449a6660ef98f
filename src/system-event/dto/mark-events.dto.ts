import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsInt, IsOptional, Max, Min } from 'class-validator';
import { ApiInteger } from '../../common/http/api-integer.decorator.js';

export const MAX_IDS = 1000;

/** Which events to mark: `id` or `ids`. */
export class MarkEventsDto {
  /** The id of one event. */
  @ApiInteger({ required: false })
  @IsOptional()
  @IsInt({ message: 'id must be the id of an event' })
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  id?: number;

  /** The ids of several events, at most 1000. */
  @ApiProperty({ type: 'array', items: { type: 'integer', format: 'int64', minimum: 0 }, required: false })
  @IsOptional()
  @IsArray({ message: 'ids must be an array' })
  @ArrayNotEmpty({ message: 'ids must not be empty' })
  @ArrayMaxSize(MAX_IDS)
  @IsInt({ each: true, message: 'ids must be ids of events' })
  @Min(0, { each: true, message: 'ids must be ids of events' })
  @Max(Number.MAX_SAFE_INTEGER, { each: true, message: 'ids must be ids of events' })
  ids?: number[];
}
