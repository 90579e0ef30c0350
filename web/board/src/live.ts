// The board on the screen, kept up to date: read once, then followed from the place in the stream where it was read.
import { CombinedGraphQLErrors } from "@apollo/client";
import { useApolloClient, useQuery } from "@apollo/client/react";
import { useEffect, useRef, useState } from "react";
import { boardIn, renew, settle } from "./changes";
import {
  BoardChangedDocument,
  BoardDocument,
  TaskChangedDocument,
  ViewersChangedDocument,
  type TaskChangedSubscription,
} from "./graphql/generated";

export type Person = { id: string; name: string };
export type TaskEvent = TaskChangedSubscription["taskChanged"];

// The stream does not go on from our place: the board is read again and followed from there.
const LOST_PLACE = new Set<unknown>(["CURSOR_EXPIRED", "EPOCH_CHANGED", "CURSOR_AHEAD"]);
const AGAIN_MS = 3_000;

/** The board with its cards; the default board without an id. */
export function useBoard(boardId: string | null) {
  return useQuery(BoardDocument, { variables: { boardId }, fetchPolicy: "network-only", nextFetchPolicy: "cache-first" });
}

interface Following {
  /** What the board was asked for by, and which one came. */
  asked: string | null;
  board: string | undefined;
  start: string | undefined;
  reload: () => Promise<unknown>;
  onTask: (event: TaskEvent) => void;
}

/** Let the cache follow a board from the place `start` in the stream on. */
export function useChanges({ asked, board, start, reload, onTask }: Following): void {
  const client = useApolloClient();
  const [turn, setTurn] = useState(0);
  const handlers = useRef({ reload, onTask });
  handlers.current = { reload, onTask };

  useEffect(() => {
    if (!board || !start) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const variables = { boardId: board, after: start };
    // Nothing of an event gets into the cache by itself: `settle` looks at its version first.
    const fetchPolicy = "no-cache";

    const again = (wait: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        handlers.current.reload().then(
          () => setTurn((before) => before + 1),
          () => again(AGAIN_MS),
        );
      }, wait);
    };
    const failed = (problem: unknown) => again(isLostPlace(problem) ? 0 : AGAIN_MS);

    const tasks = client.subscribe({ query: TaskChangedDocument, variables, fetchPolicy }).subscribe({
      next({ data, error }) {
        if (error) failed(error);
        const event = data?.taskChanged;
        const there = boardIn(client.cache, asked);
        if (!event || !there) return;
        settle(client.cache, there, event.id, event.task, event.fromColumn?.id);
        handlers.current.onTask(event);
      },
      error: failed,
    });
    const boards = client.subscribe({ query: BoardChangedDocument, variables, fetchPolicy }).subscribe({
      next({ data, error }) {
        if (error) failed(error);
        const fresh = data?.boardChanged.board;
        const there = boardIn(client.cache, asked);
        // A column that came or went has cards that no event tells of.
        if (fresh && there && !renew(client.cache, there, fresh)) again(0);
      },
      error: failed,
    });
    return () => {
      clearTimeout(timer);
      tasks.unsubscribe();
      boards.unsubscribe();
    };
  }, [client, asked, board, start, turn]);
}

/** Who looks at the board at this moment. */
export function useViewers(board: string | undefined): readonly Person[] {
  const client = useApolloClient();
  const [viewers, setViewers] = useState<readonly Person[]>([]);
  useEffect(() => {
    if (!board) return undefined;
    // Every answer names all of them, and a connection that comes back begins with one: there is nothing to resume.
    const following = client
      .subscribe({ query: ViewersChangedDocument, variables: { boardId: board }, fetchPolicy: "no-cache" })
      .subscribe({
        next: ({ data }) => data && setViewers(data.viewersChanged.users),
        error: () => setViewers([]),
      });
    return () => following.unsubscribe();
  }, [client, board]);
  return viewers;
}

function isLostPlace(problem: unknown): boolean {
  return CombinedGraphQLErrors.is(problem) && problem.errors.some((error) => LOST_PLACE.has(error.extensions?.code));
}
