// What people do on the board. A move shows at once; when the server refuses it, the cache takes the guess back.
import { CombinedGraphQLErrors } from "@apollo/client";
import { useApolloClient } from "@apollo/client/react";
import { boardIn, guessedRank, inOrder, settle, type Column } from "../changes";
import { CreateTaskDocument, MoveTaskDocument, type CardFragment, type MoveTaskMutation } from "../graphql/generated";
import type { Notice } from "../page/Notices";
import { listed, texts } from "../texts";

const DUE_DAYS = 7;

type Refusal = MoveTaskMutation["taskMove"]["userErrors"][number];

export interface Place {
  column: Column;
  /** The card that stands before it there; null for the top. */
  after: string | null;
}

export interface MoveOptions {
  blockedReason?: string;
  /** Go beyond the limit of the column. */
  force?: boolean;
}

/** `asked` is how the board was asked for; `show` tells the person what did not work. */
export function useActions(asked: string | null, show: (notice: Notice) => void) {
  const client = useApolloClient();

  async function move(card: CardFragment, place: Place, options: MoveOptions = {}): Promise<void> {
    const { column, after } = place;
    const title = texts.notMoved(card.title);
    try {
      const { data } = await client.mutate({
        mutation: MoveTaskDocument,
        variables: {
          id: card.id,
          input: { columnId: column.id, ...(after === null ? { position: 0 } : { afterId: after }), ...options },
        },
        optimisticResponse: {
          __typename: "Mutation",
          taskMove: { __typename: "TaskMovePayload", task: guess(card, place, options), warnings: [], userErrors: [] },
        },
        // `update` is the only way into the cache, for the guess as for the answer.
        fetchPolicy: "no-cache",
        update(cache, { data }) {
          const board = boardIn(cache, asked);
          const moved = data?.taskMove.task;
          if (board && moved) settle(cache, board, moved.id, moved);
        },
      });
      const refusal = data?.taskMove.userErrors[0];
      if (refusal) show({ tone: "refused", title, ...explained(refusal, card, place, options) });
      const warnings = data?.taskMove.warnings ?? [];
      if (warnings.length) {
        const text = warnings.map(({ message }) => message).join(" ");
        show({ tone: "warned", title: texts.movedAnyway(card.title), text });
      }
    } catch (error) {
      show({ tone: "refused", title, text: said(error) });
    }
  }

  /** What the person reads, and the way out where there is one. */
  function explained(refusal: Refusal, card: CardFragment, place: Place, options: MoveOptions): Partial<Notice> {
    const details = (refusal.details ?? {}) as { rule?: string; allowed?: string[] };
    if (details.rule === "WIP_LIMIT") {
      const run = () => void move(card, place, { ...options, force: true });
      return { text: refusal.message, action: { label: texts.moveAnyway, run } };
    }
    if (refusal.code === "INVALID_TRANSITION" && details.allowed) {
      const columns = boardIn(client.cache, asked)?.columns ?? [];
      const name = (status: string) => columns.find((column) => column.status === status)?.name ?? status;
      return { text: texts.allowed(name(card.status), place.column.name, listed(details.allowed.map(name))) };
    }
    return { text: refusal.message };
  }

  function guess(card: CardFragment, { column, after }: Place, { blockedReason }: MoveOptions): CardFragment {
    const there = boardIn(client.cache, asked)?.columns.find(({ id }) => id === column.id);
    const others = inOrder(there?.tasks.nodes.filter(({ id }) => id !== card.id) ?? []);
    const index = others.findIndex(({ id }) => id === after);
    const blocked = blockedReason ? { __typename: "BlockedInfo" as const, reason: blockedReason } : card.blocked;
    return {
      ...card,
      status: column.status,
      rank: guessedRank(others[index]?.rank, others[index + 1]?.rank),
      blocked: column.status === "BLOCKED" ? blocked : null,
    };
  }

  async function add(column: Column, boardId: string, title: string): Promise<void> {
    const due = new Date();
    due.setDate(due.getDate() + DUE_DAYS);
    due.setHours(17, 0, 0, 0);
    try {
      const { data } = await client.mutate({
        mutation: CreateTaskDocument,
        variables: { input: { title, boardId, status: column.status, dueDate: due.toISOString() } },
        fetchPolicy: "no-cache",
        update(cache, { data }) {
          const board = boardIn(cache, asked);
          const made = data?.taskCreate.task;
          if (board && made) settle(cache, board, made.id, made);
        },
      });
      const refusal = data?.taskCreate.userErrors[0];
      if (refusal) show({ tone: "refused", title: refusal.message });
    } catch (error) {
      show({ tone: "refused", title: said(error) });
    }
  }

  return { move, add };
}

function said(error: unknown): string {
  return CombinedGraphQLErrors.is(error) ? error.message : texts.lost;
}
