// How the board in the cache follows what happens. Events, answers of mutations and guesses before them all come in
// through `settle`: it puts one card where it belongs, however often it is told, and never goes back to an older version.
import type { ApolloCache, Reference, StoreObject } from "@apollo/client";
import {
  BoardDocument,
  BoardHeadFragmentDoc,
  CardFragmentDoc,
  ColumnFragmentDoc,
  type BoardChangedSubscription,
  type BoardQuery,
  type CardFragment,
} from "./graphql/generated";

export type Board = NonNullable<BoardQuery["board"]>;
export type Column = Board["columns"][number];

interface Page extends StoreObject {
  nodes: readonly Reference[];
}

/** The board as the cache has it. */
export function boardIn(cache: ApolloCache, boardId: string | null): Board | null {
  return cache.readQuery({ query: BoardDocument, variables: { boardId } })?.board ?? null;
}

/** Put a card into the column it belongs to, or take it from the board when `card` is null.
 *
 * `from` is the column it left, which counts it even when the card itself was never loaded.
 */
export function settle(cache: ApolloCache, board: Board, id: string, card: CardFragment | null, from?: string): void {
  const key = cache.identify({ __typename: "Task", id })!;
  const known = cache.readFragment({ id: key, fragment: CardFragmentDoc, fragmentName: "Card" });
  if (known && card && card.version < known.version) return;
  if (card) cache.writeFragment({ id: key, fragment: CardFragmentDoc, fragmentName: "Card", data: card });

  const here = card && card.board?.id === board.id && !card.archived ? card : null;
  const holding = board.columns.find(({ tasks }) => tasks.nodes.some((node) => node.id === id));
  const wanted = board.columns.find(({ status }) => status === here?.status);
  if (holding === wanted) return;
  if (holding) change(cache, holding, -1, (nodes) => nodes.filter(({ __ref }) => __ref !== key));
  else if (from && from !== wanted?.id) change(cache, board.columns.find((column) => column.id === from), -1);
  if (wanted) change(cache, wanted, +1, (nodes) => [...nodes, { __ref: key }]);
}

function change(
  cache: ApolloCache,
  column: Column | undefined,
  by: number,
  edit: (nodes: readonly Reference[]) => readonly Reference[] = (nodes) => nodes,
): void {
  if (!column) return;
  cache.modify<{ taskCount: number; tasks: Page }>({
    id: cache.identify(column)!,
    fields: {
      taskCount: (count) => count + by,
      tasks: (page) => ({ ...(page as Page), nodes: edit((page as Page).nodes) }),
    },
  });
}

/** Take over what a board and its columns are called now; false when there are other columns than before. */
export function renew(
  cache: ApolloCache,
  board: Board,
  fresh: NonNullable<BoardChangedSubscription["boardChanged"]["board"]>,
): boolean {
  if (fresh.version < board.version) return true;
  const known = new Set(board.columns.map(({ id }) => id));
  if (fresh.columns.length !== known.size || !fresh.columns.every(({ id }) => known.has(id))) return false;
  cache.writeFragment({ id: cache.identify(fresh)!, fragment: BoardHeadFragmentDoc, data: fresh });
  for (const column of fresh.columns) {
    cache.writeFragment({ id: cache.identify(column)!, fragment: ColumnFragmentDoc, data: column });
  }
  return true;
}

/** Cards in their order. Ranks are compared byte by byte, as the database does. */
export function inOrder<Card extends { id: string; rank: string }>(cards: readonly Card[]): Card[] {
  return [...cards].sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : a.id < b.id ? -1 : 1));
}

/** A rank that sorts behind one card and before the next, until the server says the real one. */
export function guessedRank(before: string | undefined, next: string | undefined): string {
  // A blank sorts before every character of a rank, so nothing fits between a rank and the same with a blank.
  if (before !== undefined) return `${before} `;
  return next === undefined ? " " : next.slice(0, -1);
}
