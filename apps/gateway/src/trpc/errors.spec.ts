import { TRPCError } from '@trpc/server';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ActivityFailure, ApplicationFailure, RetryState, TerminatedFailure, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MettleError } from '@mettle/contracts';
import { mettleErrorOf, publicError, trpcErrorOf } from './errors.ts';

const wrapped = (cause: Error) => new WorkflowUpdateFailedError('Workflow Update failed', cause);
const failure = ApplicationFailure.create({ message: 'not yet', type: 'NOT_QUALIFIED', details: [{ version: 'a@1' }] });

describe('errors', () => {
  it.each([
    ['a typed error', new MettleError('PAUSED', 'x'), 'PAUSED', 'SERVICE_UNAVAILABLE'],
    ['wrong input', z.object({ a: z.int() }).safeParse({ a: 'x' }).error, 'INVALID_INPUT', 'BAD_REQUEST'],
    ['wrong input inside tRPC', new TRPCError({ code: 'BAD_REQUEST', cause: z.int().safeParse('x').error }), 'INVALID_INPUT', 'BAD_REQUEST'],
    ['a rejected update', wrapped(failure), 'NOT_QUALIFIED', 'CONFLICT'],
    ['a rejected update deep inside', wrapped(new ActivityFailure('Activity task failed', 'commitDecision', '1', RetryState.NON_RETRYABLE_FAILURE, 'w', failure)), 'NOT_QUALIFIED', 'CONFLICT'],
    ['a workflow that is not there', new WorkflowNotFoundError('x', 'w', undefined), 'NOT_FOUND', 'NOT_FOUND'],
    ['a workflow that was started', new WorkflowExecutionAlreadyStartedError('x', 'w', 't'), 'ALREADY_EXISTS', 'CONFLICT'],
    ['a workflow that an operator ended', wrapped(new TerminatedFailure('x')), 'INVALID_TRANSITION', 'CONFLICT'],
    ['a server that is away', Object.assign(new Error('x'), { code: 14, details: 'connect', metadata: {} }), 'UNAVAILABLE', 'SERVICE_UNAVAILABLE'],
    ['a body that is too large', Object.assign(new Error('x'), { statusCode: 413, code: 'FST_ERR_CTP_BODY_TOO_LARGE' }), 'TOO_LARGE', 'PAYLOAD_TOO_LARGE'],
    ['a procedure that is not there', new TRPCError({ code: 'NOT_FOUND' }), 'NOT_FOUND', 'NOT_FOUND'],
    ['a defect', new TypeError('undefined is not a function'), 'INTERNAL', 'INTERNAL_SERVER_ERROR'],
    ['a failure of no known type', wrapped(ApplicationFailure.create({ message: 'x', type: 'TypeError' })), 'INTERNAL', 'INTERNAL_SERVER_ERROR'],
  ])('maps %s', (_what, error, code, trpc) => {
    expect([mettleErrorOf(error).code, trpcErrorOf(error).code]).toEqual([code, trpc]);
  });

  it('carries the data of a refusal, and names the field of wrong input', () => {
    expect(mettleErrorOf(wrapped(failure))).toMatchObject({ message: 'not yet', data: { version: 'a@1' } });
    expect(mettleErrorOf(z.object({ a: z.object({ b: z.int() }) }).safeParse({ a: { b: 'x' } }).error).data).toMatchObject({ field: 'a.b' });
  });

  it('says nothing of a defect', () => {
    expect(publicError(mettleErrorOf(new Error('password is hunter2')))).toEqual({ code: 'INTERNAL', message: 'an internal error; the log of the gateway has it', hint: 'this is a defect: report it with the data', data: {} });
  });
});
