import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { catchError, from, type Observable, switchMap, throwError } from 'rxjs';
import { AppError } from '../common/errors/app-error.js';
import { RolesGuard } from './roles.guard.js';

/**
 * Who may not write hears that, whatever they sent: before a bad body is refused, the caller's access is checked
 * afresh, because the guard may have let a remembered role pass to a statement that this request never reaches.
 */
@Injectable()
export class AccessFirstInterceptor implements NestInterceptor {
  constructor(private readonly guard: RolesGuard) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next
      .handle()
      .pipe(
        catchError((error: unknown) =>
          error instanceof AppError && error.kind === 'invalid'
            ? from(this.guard.checkAfresh(context)).pipe(switchMap(() => throwError(() => error)))
            : throwError(() => error),
        ),
      );
  }
}
