import { createParamDecorator, type ExecutionContext, Injectable, type PipeTransform } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { InvalidInputError } from '../common/errors/common.errors.js';
import { MERGE_PATCH_TYPE, mediaTypeOf, PATCH_TYPES } from '../common/http/body-parser.js';
import { isJsonObject, readJson } from '../common/json/json-text.js';
import { Environment } from '../config/environment.js';
import { requireJsonPatch } from './json-patch.js';
import type { SettingsChange } from './settings-change.js';
import { requireStorable } from './storable.js';

/** The levels of a JSON Patch around a value: the array and the operation. */
const LEVELS_OF_A_JSON_PATCH = 2;

interface TypedBody {
  readonly mediaType: string | undefined;
  readonly body: Buffer | undefined;
}

/** A body with its media type, which says how it is meant. */
export const BodyWithMediaType = createParamDecorator((_: unknown, context: ExecutionContext): TypedBody => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  return { mediaType: mediaTypeOf(request), body: request.body as Buffer | undefined };
});

/** Takes a JSON Merge Patch (RFC 7396) or a JSON Patch (RFC 6902) as it is, digit for digit. */
@Injectable()
export class PatchSettingsPipe implements PipeTransform<TypedBody, SettingsChange> {
  constructor(private readonly environment: Environment) {}

  transform({ mediaType, body }: TypedBody): SettingsChange {
    const { text, value } = readJson(body);
    if (mediaType === undefined) throw new InvalidInputError(`the body must be ${PATCH_TYPES.join(' or ')}`);
    if (mediaType === MERGE_PATCH_TYPE) {
      if (!isJsonObject(value)) throw new InvalidInputError('the body must be an object');
      requireStorable(text, this.environment);
      return { kind: 'merge-patch', patch: text };
    }
    requireJsonPatch(value, this.environment.SETTINGS_MAX_DEPTH);
    requireStorable(text, this.environment, LEVELS_OF_A_JSON_PATCH);
    return { kind: 'json-patch', patch: text };
  }
}
