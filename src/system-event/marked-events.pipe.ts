import { Injectable, type PipeTransform } from '@nestjs/common';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { BodyPipe } from '../common/validation/body.pipe.js';
import { MarkEventsDto } from './dto/mark-events.dto.js';

/** Reads the ids of the events to mark. */
@Injectable()
export class MarkedEventsPipe implements PipeTransform<Buffer | undefined, Promise<number[]>> {
  private readonly body = new BodyPipe(MarkEventsDto);

  async transform(body: Buffer | undefined): Promise<number[]> {
    const { id, ids } = await this.body.transform(body);
    if (id == null && ids == null) throw new InvalidInputError('id or ids is required');
    return [...new Set([...(id == null ? [] : [id]), ...(ids ?? [])])];
  }
}
