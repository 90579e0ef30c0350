// Made by codegen.mjs.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** What happened to a record. */
export type ChangeKind =
  /** It is new. */
  | 'CREATED'
  /** A field, or a part that has no kind of its own, changed. */
  | 'UPDATED'
  /** Its position or parent changed. */
  | 'MOVED'
  /** Its status changed. */
  | 'STATUS_CHANGED'
  /** Somebody else looks after it. */
  | 'ASSIGNED'
  /** A note, comment or message was added. */
  | 'COMMENTED'
  /** It went to the trash. */
  | 'DELETED'
  /** It came back from the trash. */
  | 'RESTORED'
  /** It is gone for good. */
  | 'PURGED'
  /** Ephemeral signals were dropped, read the present state; never the kind of a durable event. */
  | 'LAGGED';

/** Machine-readable reason of an error. */
export type ErrorCode =
  /** E-mail or password is wrong. */
  | 'INVALID_CREDENTIALS'
  /** The token has expired. */
  | 'TOKEN_EXPIRED'
  /** The token is not valid. */
  | 'INVALID_TOKEN'
  /** Too many failed attempts. Try again in {retryAfter} seconds. */
  | 'ACCOUNT_LOCKED'
  /** Email not verified. */
  | 'EMAIL_NOT_VERIFIED'
  /** Totp required. */
  | 'TOTP_REQUIRED'
  /** Sign in first. */
  | 'UNAUTHENTICATED'
  /** You may not do this. */
  | 'INSUFFICIENT_PERMISSIONS'
  /** You are not a member of this agency. */
  | 'TENANT_MISMATCH'
  /** There is no such agency. */
  | 'TENANT_NOT_FOUND'
  /** Not found. */
  | 'NOT_FOUND'
  /** This value is already taken. */
  | 'ALREADY_EXISTS'
  /** Somebody changed this in the meantime. Please load it again. */
  | 'CONFLICT'
  /** Duplicate document. */
  | 'DUPLICATE_DOCUMENT'
  /** There are still tasks here. */
  | 'NOT_EMPTY'
  /** Other records still depend on this. */
  | 'DELETION_BLOCKED'
  /** This value is not allowed. */
  | 'VALIDATION_ERROR'
  /** This value cannot be read. */
  | 'INVALID_INPUT'
  /** A value is required. */
  | 'MISSING_REQUIRED_FIELD'
  /** Property not available. */
  | 'PROPERTY_NOT_AVAILABLE'
  /** Lead already converted. */
  | 'LEAD_ALREADY_CONVERTED'
  /** The status cannot change from {from} to {to}. */
  | 'INVALID_TRANSITION'
  /** A rule forbids this: {rule}. */
  | 'BUSINESS_RULE'
  /** The plan allows {limit} ({resource}); all are in use. */
  | 'PLAN_LIMIT_REACHED'
  /** Storage limit exceeded. */
  | 'STORAGE_LIMIT_EXCEEDED'
  /** Seat limit exceeded. */
  | 'SEAT_LIMIT_EXCEEDED'
  /** The subscription is not active; data can only be read. */
  | 'SUBSCRIPTION_INACTIVE'
  /** Too many requests. Try again in {retryAfter} seconds. */
  | 'RATE_LIMIT_EXCEEDED'
  /** File too large. */
  | 'FILE_TOO_LARGE'
  /** Unsupported file type. */
  | 'UNSUPPORTED_FILE_TYPE'
  /** Dangerous file. */
  | 'DANGEROUS_FILE'
  /** File content mismatch. */
  | 'FILE_CONTENT_MISMATCH'
  /** External service error. */
  | 'EXTERNAL_SERVICE_ERROR'
  /** Email service error. */
  | 'EMAIL_SERVICE_ERROR'
  /** Sms service error. */
  | 'SMS_SERVICE_ERROR'
  /** Storage service error. */
  | 'STORAGE_SERVICE_ERROR'
  /** Portal error. */
  | 'PORTAL_ERROR'
  /** Llm unavailable. */
  | 'LLM_UNAVAILABLE'
  /** This Idempotency-Key was used for another request. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The first request with this Idempotency-Key is still running. */
  | 'IDEMPOTENCY_IN_PROGRESS'
  /** Precondition failed. */
  | 'PRECONDITION_FAILED'
  /** The document asks for too much at once ({what}: {requested}, allowed {maximum}). */
  | 'QUERY_TOO_COMPLEX'
  /** The document is nested too deeply ({requested}, allowed {maximum}). */
  | 'QUERY_TOO_DEEP'
  /** Persisted query not found. */
  | 'PERSISTED_QUERY_NOT_FOUND'
  /** This cursor is older than what is kept. Load again. */
  | 'CURSOR_EXPIRED'
  /** This cursor belongs to another stream. Load again. */
  | 'EPOCH_CHANGED'
  /** This cursor is newer than the stream. Load again. */
  | 'CURSOR_AHEAD'
  /** Something went wrong on our side. The request id helps us find it. */
  | 'INTERNAL_ERROR';

/** Where the financing of a case stands. */
export type FinancingStatus =
  /** None is needed or known (keine). */
  | 'NONE'
  /** Asked for (angefragt). */
  | 'REQUESTED'
  /** A bank would lend in principle (vorqualifiziert). */
  | 'PREQUALIFIED'
  /** A bank examines the papers (in Prüfung). */
  | 'IN_REVIEW'
  /** Promised (zugesagt). */
  | 'APPROVED'
  /** Refused (abgelehnt). */
  | 'REJECTED';

/** An amount of money. */
export type MoneyInput = {
  /** At most two places, `"465000.00"`. */
  amount: string;
  /** ISO 4217. */
  currency?: string | null | undefined;
};

/** A step of a task. */
export type SubtaskInput = {
  /** In the list of a task: the subtask that is meant; without it a new one is made. */
  id?: string | null | undefined;
  /** What there is to do. */
  title: string;
  /** Whether it is done. */
  done?: boolean | null | undefined;
  /** Who is to do it. */
  assigneeId?: string | null | undefined;
  /** When it is to be done. */
  dueDate?: string | null | undefined;
};

/** A new task. It goes to the end of the column of its status. */
export type TaskCreateInput = {
  /** What there is to do. */
  title: string;
  /** More about it. */
  description?: string | null | undefined;
  /** How urgent it is. */
  priority?: TaskPriority | null | undefined;
  /** Where it stands. */
  status?: TaskStatus | null | undefined;
  /** The board it is on; the default board when none is named. */
  boardId?: string | null | undefined;
  /** Who is to do it; the caller when not given. */
  assigneeId?: string | null | undefined;
  /** When it is to be done. */
  dueDate: string;
  /** When it begins; not after the due date. */
  startDate?: string | null | undefined;
  /** Percent done; 100 when DONE. */
  progress?: number | null | undefined;
  /** Hours it should take. */
  estimatedHours?: number | null | undefined;
  /** Size in points. */
  storyPoints?: number | null | undefined;
  /** The property it is about. */
  propertyId?: string | null | undefined;
  /** The project it belongs to. */
  projectId?: string | null | undefined;
  financing?: TaskFinancingInput | null | undefined;
  /** All members who want to hear of it, at most 100; those of a list before are replaced. */
  watcherIds?: Array<string> | null | undefined;
  /** All its labels, at most 100; those of a list before are replaced. */
  labelIds?: Array<string> | null | undefined;
  /** All its steps in their order, at most 100; those with an id keep their row, those left out are removed. */
  subtasks?: Array<SubtaskInput> | null | undefined;
  /** All tasks that must be done before it, at most 100, without a circle. */
  dependencyIds?: Array<string> | null | undefined;
  /** Rule by which it repeats, RFC 5545 RRULE; the next one is made when it is done. */
  recurrence?: string | null | undefined;
};

/** Where the financing of a case stands. */
export type TaskFinancingInput = {
  /** Where the financing stands. */
  status: FinancingStatus;
  /** The sum to be financed. */
  amount?: MoneyInput | null | undefined;
  /** Interest per year in percent. */
  interestRate?: string | null | undefined;
  /** Term in years. */
  termYears?: number | null | undefined;
};

/** Where a card goes: to a column or a status, on this board or another one, at a place or at the end. */
export type TaskMoveInput = {
  /** The column of its status; null when the board has no such column. */
  columnId?: string | null | undefined;
  /** Where it stands. */
  status?: TaskStatus | null | undefined;
  /** Place in the column, from 0; beyond the end is the end. */
  position?: number | null | undefined;
  /** The task to stand behind. */
  afterId?: string | null | undefined;
  /** The board it is on; the default board when none is named. */
  boardId?: string | null | undefined;
  /** Move into a full column all the same; the answer has a warning. */
  force?: boolean | null | undefined;
  /** Why it cannot go on. */
  blockedReason?: string | null | undefined;
};

/** How urgent a task is. */
export type TaskPriority =
  /** When there is time (niedrig). */
  | 'LOW'
  /** As usual (mittel). */
  | 'MEDIUM'
  /** Before the others (hoch). */
  | 'HIGH'
  /** Now (dringend). */
  | 'URGENT';

/** Where a task stands; a column of a board is exactly one of these. */
export type TaskStatus =
  /** Collected, not yet planned (Sammelstelle). */
  | 'BACKLOG'
  /** Planned (zu erledigen). */
  | 'TODO'
  /** Somebody is at it (in Arbeit). */
  | 'IN_PROGRESS'
  /** Done, somebody looks over it (in Prüfung). */
  | 'REVIEW'
  /** Cannot go on, for a stated reason (blockiert). */
  | 'BLOCKED'
  /** Put aside on purpose (zurückgestellt). */
  | 'ON_HOLD'
  /** Finished (erledigt); the progress is 100. */
  | 'DONE'
  /** Will not be done (abgebrochen). */
  | 'CANCELLED';

export type BoardQueryVariables = Exact<{
  boardId?: string | null | undefined;
}>;


export type BoardQuery = { __typename: 'Query', streamCursor: string, viewer: { __typename: 'Viewer', permissions: Array<string>, user: { __typename: 'User', id: string, name: string } } | null, boards: Array<{ __typename: 'Board', id: string, name: string }>, board: { __typename: 'Board', id: string, name: string, version: number, columns: Array<{ __typename: 'BoardColumn', id: string, taskCount: number, name: string, status: TaskStatus, position: number, wipLimit: number | null, color: string, allowFrom: Array<TaskStatus>, tasks: { __typename: 'TaskConnection', nodes: Array<{ __typename: 'Task', id: string, title: string, priority: TaskPriority, status: TaskStatus, rank: string, dueDate: string, progress: number, isOverdue: boolean, archived: boolean, version: number, subtaskProgress: string | null, commentCount: number, board: { __typename: 'Board', id: string } | null, assignee: { __typename: 'User', id: string, name: string } | null, property: { __typename: 'Property', id: string, title: string } | null, labels: Array<{ __typename: 'TaskLabel', id: string, name: string, color: string }>, blocked: { __typename: 'BlockedInfo', reason: string } | null }>, pageInfo: { __typename: 'PageInfo', hasNextPage: boolean, endCursor: string | null } } }> } | null };

export type ColumnTasksQueryVariables = Exact<{
  id: string;
  after: string;
}>;


export type ColumnTasksQuery = { __typename: 'Query', node:
    | { __typename: 'Board' }
    | { __typename: 'BoardColumn', id: string, tasks: { __typename: 'TaskConnection', nodes: Array<{ __typename: 'Task', id: string, title: string, priority: TaskPriority, status: TaskStatus, rank: string, dueDate: string, progress: number, isOverdue: boolean, archived: boolean, version: number, subtaskProgress: string | null, commentCount: number, board: { __typename: 'Board', id: string } | null, assignee: { __typename: 'User', id: string, name: string } | null, property: { __typename: 'Property', id: string, title: string } | null, labels: Array<{ __typename: 'TaskLabel', id: string, name: string, color: string }>, blocked: { __typename: 'BlockedInfo', reason: string } | null }>, pageInfo: { __typename: 'PageInfo', hasNextPage: boolean, endCursor: string | null } } }
    | { __typename: 'Comment' }
    | { __typename: 'ContactPerson' }
    | { __typename: 'Note' }
    | { __typename: 'Project' }
    | { __typename: 'Property' }
    | { __typename: 'Subtask' }
    | { __typename: 'Task' }
    | { __typename: 'TaskLabel' }
    | { __typename: 'TaskLog' }
    | { __typename: 'Tenant' }
    | { __typename: 'User' }
   | null };

export type BoardHeadFragment = { __typename: 'Board', name: string, version: number };

export type ColumnFragment = { __typename: 'BoardColumn', name: string, status: TaskStatus, position: number, wipLimit: number | null, color: string, allowFrom: Array<TaskStatus> };

export type ColumnPageFragment = { __typename: 'TaskConnection', nodes: Array<{ __typename: 'Task', id: string, title: string, priority: TaskPriority, status: TaskStatus, rank: string, dueDate: string, progress: number, isOverdue: boolean, archived: boolean, version: number, subtaskProgress: string | null, commentCount: number, board: { __typename: 'Board', id: string } | null, assignee: { __typename: 'User', id: string, name: string } | null, property: { __typename: 'Property', id: string, title: string } | null, labels: Array<{ __typename: 'TaskLabel', id: string, name: string, color: string }>, blocked: { __typename: 'BlockedInfo', reason: string } | null }>, pageInfo: { __typename: 'PageInfo', hasNextPage: boolean, endCursor: string | null } };

export type CardFragment = { __typename: 'Task', id: string, title: string, priority: TaskPriority, status: TaskStatus, rank: string, dueDate: string, progress: number, isOverdue: boolean, archived: boolean, version: number, subtaskProgress: string | null, commentCount: number, board: { __typename: 'Board', id: string } | null, assignee: { __typename: 'User', id: string, name: string } | null, property: { __typename: 'Property', id: string, title: string } | null, labels: Array<{ __typename: 'TaskLabel', id: string, name: string, color: string }>, blocked: { __typename: 'BlockedInfo', reason: string } | null };

export type TaskChangedSubscriptionVariables = Exact<{
  boardId: string;
  after?: string | null | undefined;
}>;


export type TaskChangedSubscription = { __typename: 'Subscription', taskChanged: { __typename: 'TaskChange', cursor: string, kind: ChangeKind, id: string, actor: { __typename: 'User', id: string, name: string } | null, fromColumn: { __typename: 'BoardColumn', id: string } | null, task: { __typename: 'Task', id: string, title: string, priority: TaskPriority, status: TaskStatus, rank: string, dueDate: string, progress: number, isOverdue: boolean, archived: boolean, version: number, subtaskProgress: string | null, commentCount: number, board: { __typename: 'Board', id: string } | null, assignee: { __typename: 'User', id: string, name: string } | null, property: { __typename: 'Property', id: string, title: string } | null, labels: Array<{ __typename: 'TaskLabel', id: string, name: string, color: string }>, blocked: { __typename: 'BlockedInfo', reason: string } | null } | null } };

export type BoardChangedSubscriptionVariables = Exact<{
  boardId: string;
  after?: string | null | undefined;
}>;


export type BoardChangedSubscription = { __typename: 'Subscription', boardChanged: { __typename: 'BoardChange', cursor: string, board: { __typename: 'Board', id: string, name: string, version: number, columns: Array<{ __typename: 'BoardColumn', id: string, name: string, status: TaskStatus, position: number, wipLimit: number | null, color: string, allowFrom: Array<TaskStatus> }> } | null } };

export type ViewersChangedSubscriptionVariables = Exact<{
  boardId: string;
}>;


export type ViewersChangedSubscription = { __typename: 'Subscription', viewersChanged: { __typename: 'ViewersChange', users: Array<{ __typename: 'User', id: string, name: string }> } };

export type SignInMutationVariables = Exact<{
  email: string;
  password: string;
}>;


export type SignInMutation = { __typename: 'Mutation', authLogin: { __typename: 'AuthPayload', accessToken: string | null, refreshToken: string | null, expiresIn: number | null, user: { __typename: 'User', id: string, name: string } | null, userErrors: Array<{ __typename: 'UserError', code: ErrorCode, message: string }> } };

export type RenewMutationVariables = Exact<{
  refreshToken: string;
}>;


export type RenewMutation = { __typename: 'Mutation', authRefresh: { __typename: 'AuthPayload', accessToken: string | null, refreshToken: string | null, expiresIn: number | null, userErrors: Array<{ __typename: 'UserError', code: ErrorCode, message: string }> } };

export type SignOutMutationVariables = Exact<{ [key: string]: never; }>;


export type SignOutMutation = { __typename: 'Mutation', authLogout: { __typename: 'AckPayload', ok: boolean } };

export type MoveTaskMutationVariables = Exact<{
  id: string;
  input: TaskMoveInput;
}>;


export type MoveTaskMutation = { __typename: 'Mutation', taskMove: { __typename: 'TaskMovePayload', task: { __typename: 'Task', id: string, title: string, priority: TaskPriority, status: TaskStatus, rank: string, dueDate: string, progress: number, isOverdue: boolean, archived: boolean, version: number, subtaskProgress: string | null, commentCount: number, board: { __typename: 'Board', id: string } | null, assignee: { __typename: 'User', id: string, name: string } | null, property: { __typename: 'Property', id: string, title: string } | null, labels: Array<{ __typename: 'TaskLabel', id: string, name: string, color: string }>, blocked: { __typename: 'BlockedInfo', reason: string } | null } | null, warnings: Array<{ __typename: 'UserError', code: ErrorCode, message: string }>, userErrors: Array<{ __typename: 'UserError', code: ErrorCode, message: string, details: unknown }> } };

export type CreateTaskMutationVariables = Exact<{
  input: TaskCreateInput;
}>;


export type CreateTaskMutation = { __typename: 'Mutation', taskCreate: { __typename: 'TaskPayload', task: { __typename: 'Task', id: string, title: string, priority: TaskPriority, status: TaskStatus, rank: string, dueDate: string, progress: number, isOverdue: boolean, archived: boolean, version: number, subtaskProgress: string | null, commentCount: number, board: { __typename: 'Board', id: string } | null, assignee: { __typename: 'User', id: string, name: string } | null, property: { __typename: 'Property', id: string, title: string } | null, labels: Array<{ __typename: 'TaskLabel', id: string, name: string, color: string }>, blocked: { __typename: 'BlockedInfo', reason: string } | null } | null, userErrors: Array<{ __typename: 'UserError', code: ErrorCode, message: string, details: unknown }> } };

export const BoardHeadFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"BoardHead"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Board"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}}]} as unknown as DocumentNode<BoardHeadFragment, unknown>;
export const ColumnFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Column"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"BoardColumn"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"position"}},{"kind":"Field","name":{"kind":"Name","value":"wipLimit"}},{"kind":"Field","name":{"kind":"Name","value":"color"}},{"kind":"Field","name":{"kind":"Name","value":"allowFrom"}}]}}]} as unknown as DocumentNode<ColumnFragment, unknown>;
export const CardFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Card"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Task"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"priority"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"rank"}},{"kind":"Field","name":{"kind":"Name","value":"dueDate"}},{"kind":"Field","name":{"kind":"Name","value":"progress"}},{"kind":"Field","name":{"kind":"Name","value":"isOverdue"}},{"kind":"Field","name":{"kind":"Name","value":"archived"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"board"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"assignee"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"property"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"title"}}]}},{"kind":"Field","name":{"kind":"Name","value":"labels"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"color"}}]}},{"kind":"Field","name":{"kind":"Name","value":"blocked"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}},{"kind":"Field","name":{"kind":"Name","value":"subtaskProgress"}},{"kind":"Field","name":{"kind":"Name","value":"commentCount"}}]}}]} as unknown as DocumentNode<CardFragment, unknown>;
export const ColumnPageFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ColumnPage"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TaskConnection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Card"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Card"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Task"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"priority"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"rank"}},{"kind":"Field","name":{"kind":"Name","value":"dueDate"}},{"kind":"Field","name":{"kind":"Name","value":"progress"}},{"kind":"Field","name":{"kind":"Name","value":"isOverdue"}},{"kind":"Field","name":{"kind":"Name","value":"archived"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"board"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"assignee"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"property"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"title"}}]}},{"kind":"Field","name":{"kind":"Name","value":"labels"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"color"}}]}},{"kind":"Field","name":{"kind":"Name","value":"blocked"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}},{"kind":"Field","name":{"kind":"Name","value":"subtaskProgress"}},{"kind":"Field","name":{"kind":"Name","value":"commentCount"}}]}}]} as unknown as DocumentNode<ColumnPageFragment, unknown>;
export const BoardDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Board"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"boardId"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"streamCursor"}},{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"user"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"permissions"}}]}},{"kind":"Field","name":{"kind":"Name","value":"boards"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"board"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"boardId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"BoardHead"}},{"kind":"Field","name":{"kind":"Name","value":"columns"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"Column"}},{"kind":"Field","name":{"kind":"Name","value":"taskCount"}},{"kind":"Field","name":{"kind":"Name","value":"tasks"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"50"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ColumnPage"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Card"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Task"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"priority"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"rank"}},{"kind":"Field","name":{"kind":"Name","value":"dueDate"}},{"kind":"Field","name":{"kind":"Name","value":"progress"}},{"kind":"Field","name":{"kind":"Name","value":"isOverdue"}},{"kind":"Field","name":{"kind":"Name","value":"archived"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"board"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"assignee"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"property"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"title"}}]}},{"kind":"Field","name":{"kind":"Name","value":"labels"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"color"}}]}},{"kind":"Field","name":{"kind":"Name","value":"blocked"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}},{"kind":"Field","name":{"kind":"Name","value":"subtaskProgress"}},{"kind":"Field","name":{"kind":"Name","value":"commentCount"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"BoardHead"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Board"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Column"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"BoardColumn"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"position"}},{"kind":"Field","name":{"kind":"Name","value":"wipLimit"}},{"kind":"Field","name":{"kind":"Name","value":"color"}},{"kind":"Field","name":{"kind":"Name","value":"allowFrom"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ColumnPage"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TaskConnection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Card"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]} as unknown as DocumentNode<BoardQuery, BoardQueryVariables>;
export const ColumnTasksDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ColumnTasks"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"BoardColumn"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"tasks"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"50"}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ColumnPage"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Card"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Task"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"priority"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"rank"}},{"kind":"Field","name":{"kind":"Name","value":"dueDate"}},{"kind":"Field","name":{"kind":"Name","value":"progress"}},{"kind":"Field","name":{"kind":"Name","value":"isOverdue"}},{"kind":"Field","name":{"kind":"Name","value":"archived"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"board"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"assignee"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"property"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"title"}}]}},{"kind":"Field","name":{"kind":"Name","value":"labels"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"color"}}]}},{"kind":"Field","name":{"kind":"Name","value":"blocked"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}},{"kind":"Field","name":{"kind":"Name","value":"subtaskProgress"}},{"kind":"Field","name":{"kind":"Name","value":"commentCount"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ColumnPage"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TaskConnection"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Card"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]} as unknown as DocumentNode<ColumnTasksQuery, ColumnTasksQueryVariables>;
export const TaskChangedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"TaskChanged"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"boardId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"taskChanged"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"boardId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"boardId"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"actor"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"fromColumn"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"task"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Card"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Card"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Task"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"priority"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"rank"}},{"kind":"Field","name":{"kind":"Name","value":"dueDate"}},{"kind":"Field","name":{"kind":"Name","value":"progress"}},{"kind":"Field","name":{"kind":"Name","value":"isOverdue"}},{"kind":"Field","name":{"kind":"Name","value":"archived"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"board"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"assignee"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"property"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"title"}}]}},{"kind":"Field","name":{"kind":"Name","value":"labels"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"color"}}]}},{"kind":"Field","name":{"kind":"Name","value":"blocked"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}},{"kind":"Field","name":{"kind":"Name","value":"subtaskProgress"}},{"kind":"Field","name":{"kind":"Name","value":"commentCount"}}]}}]} as unknown as DocumentNode<TaskChangedSubscription, TaskChangedSubscriptionVariables>;
export const BoardChangedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"BoardChanged"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"boardId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"boardChanged"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"boardId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"boardId"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"board"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"BoardHead"}},{"kind":"Field","name":{"kind":"Name","value":"columns"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"Column"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"BoardHead"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Board"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Column"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"BoardColumn"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"position"}},{"kind":"Field","name":{"kind":"Name","value":"wipLimit"}},{"kind":"Field","name":{"kind":"Name","value":"color"}},{"kind":"Field","name":{"kind":"Name","value":"allowFrom"}}]}}]} as unknown as DocumentNode<BoardChangedSubscription, BoardChangedSubscriptionVariables>;
export const ViewersChangedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"ViewersChanged"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"boardId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewersChanged"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"nodeId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"boardId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"users"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]} as unknown as DocumentNode<ViewersChangedSubscription, ViewersChangedSubscriptionVariables>;
export const SignInDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SignIn"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"email"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"EmailAddress"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"password"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"authLogin"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"email"},"value":{"kind":"Variable","name":{"kind":"Name","value":"email"}}},{"kind":"Argument","name":{"kind":"Name","value":"password"},"value":{"kind":"Variable","name":{"kind":"Name","value":"password"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"accessToken"}},{"kind":"Field","name":{"kind":"Name","value":"refreshToken"}},{"kind":"Field","name":{"kind":"Name","value":"expiresIn"}},{"kind":"Field","name":{"kind":"Name","value":"user"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<SignInMutation, SignInMutationVariables>;
export const RenewDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"Renew"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"refreshToken"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"authRefresh"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"refreshToken"},"value":{"kind":"Variable","name":{"kind":"Name","value":"refreshToken"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"accessToken"}},{"kind":"Field","name":{"kind":"Name","value":"refreshToken"}},{"kind":"Field","name":{"kind":"Name","value":"expiresIn"}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<RenewMutation, RenewMutationVariables>;
export const SignOutDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SignOut"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"authLogout"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"ok"}}]}}]}}]} as unknown as DocumentNode<SignOutMutation, SignOutMutationVariables>;
export const MoveTaskDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"MoveTask"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"TaskMoveInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"taskMove"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}},{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"task"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Card"}}]}},{"kind":"Field","name":{"kind":"Name","value":"warnings"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"details"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Card"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Task"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"priority"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"rank"}},{"kind":"Field","name":{"kind":"Name","value":"dueDate"}},{"kind":"Field","name":{"kind":"Name","value":"progress"}},{"kind":"Field","name":{"kind":"Name","value":"isOverdue"}},{"kind":"Field","name":{"kind":"Name","value":"archived"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"board"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"assignee"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"property"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"title"}}]}},{"kind":"Field","name":{"kind":"Name","value":"labels"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"color"}}]}},{"kind":"Field","name":{"kind":"Name","value":"blocked"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}},{"kind":"Field","name":{"kind":"Name","value":"subtaskProgress"}},{"kind":"Field","name":{"kind":"Name","value":"commentCount"}}]}}]} as unknown as DocumentNode<MoveTaskMutation, MoveTaskMutationVariables>;
export const CreateTaskDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateTask"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"TaskCreateInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"taskCreate"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"task"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Card"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"details"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Card"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Task"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"priority"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"rank"}},{"kind":"Field","name":{"kind":"Name","value":"dueDate"}},{"kind":"Field","name":{"kind":"Name","value":"progress"}},{"kind":"Field","name":{"kind":"Name","value":"isOverdue"}},{"kind":"Field","name":{"kind":"Name","value":"archived"}},{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"board"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"assignee"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"property"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"title"}}]}},{"kind":"Field","name":{"kind":"Name","value":"labels"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"color"}}]}},{"kind":"Field","name":{"kind":"Name","value":"blocked"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}},{"kind":"Field","name":{"kind":"Name","value":"subtaskProgress"}},{"kind":"Field","name":{"kind":"Name","value":"commentCount"}}]}}]} as unknown as DocumentNode<CreateTaskMutation, CreateTaskMutationVariables>;
export const possibleTypes: Record<string, string[]> = {};
