import { createParamDecorator, type ExecutionContext, Injectable, type PipeTransform } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { InvalidInputError, UnsupportedMediaTypeError } from '../common/errors/common.errors.js';
import { MERGE_PATCH_TYPE, mediaTypeOf, PATCH_TYPES } from '../common/http/body-parser.js';
import { isJsonObject, readJson } from '../common/json/json-text.js';
import { Environment } from '../config/environment.js';
import { requireJsonPatch } from './json-patch.js';
import type { SettingsChange } from './settings-change.js';
import { requireStorable } from './storable.js';

/** The levels of a JSON Patch around a value: the array and the operation. */
const LEVELS_OF_A_JSON_PATCH = 2;

interface TypedBody {
  readonly mediaType: string;
  readonly body: Buffer | undefined;
}

/**
 * A body with its media type, which says how it is meant.
 *
 * @throws UnsupportedMediaTypeError when there is none
 */
export const BodyWithMediaType = createParamDecorator((_: unknown, context: ExecutionContext): TypedBody => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const mediaType = mediaTypeOf(request);
  if (mediaType === undefined) throw new UnsupportedMediaTypeError(request.method, PATCH_TYPES);
  return { mediaType, body: request.body as Buffer | undefined };
});

/** Takes a JSON Merge Patch (RFC 7396) or a JSON Patch (RFC 6902) as it is, digit for digit. */
@Injectable()
export class PatchSettingsPipe implements PipeTransform<TypedBody, SettingsChange> {
  constructor(private readonly environment: Environment) {}

  transform({ mediaType, body }: TypedBody): SettingsChange {
    const { text, value } = readJson(body);
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
