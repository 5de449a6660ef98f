import { Injectable, type PipeTransform } from '@nestjs/common';
import { VERSION_NUMBER } from './is-version.decorator.js';

/** No version has this number. */
const NO_VERSION = '-1';

/** Reads the number of a version in a path; text that is not a number names no version. */
@Injectable()
export class VersionPipe implements PipeTransform<string, string> {
  transform(version: string): string {
    return VERSION_NUMBER.test(version) ? version : NO_VERSION;
  }
}
