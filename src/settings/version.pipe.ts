import { Injectable, type PipeTransform } from '@nestjs/common';

/** No version has this number. */
const NO_VERSION = '-1';

/** Reads the number of a version in a path; what is none names no version. */
@Injectable()
export class VersionPipe implements PipeTransform<string, string> {
  transform(version: string): string {
    return /^(0|[1-9]\d{0,17})$/.test(version) ? version : NO_VERSION;
  }
}
