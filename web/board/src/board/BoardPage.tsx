// The board: reads it, follows it, and turns what people do into mutations.
import { useApolloClient } from "@apollo/client/react";
import { DndContext, DragOverlay } from "@dnd-kit/core";
import { useCallback, useMemo, useRef, useState } from "react";
import { inOrder } from "../changes";
import { ColumnTasksDocument, type CardFragment } from "../graphql/generated";
import { useBoard, useChanges, useViewers, type TaskEvent } from "../live";
import { Header, type ConnectionSource } from "../page/Header";
import { NoticeBox, useNotice } from "../page/Notices";
import { texts } from "../texts";
import { useActions, type Place } from "./actions";
import { BlockDialog } from "./BlockDialog";
import { CardFace } from "./CardView";
import { ColumnView } from "./ColumnView";
import { announcements, useDrag } from "./drag";

const TOUCHED_MS = 2_500;
// For 50 ms after a drop dnd-kit takes every text selection away; a field with the focus by then could not be typed into.
const LET_GO_MS = 100;

export function BoardPage({ connection, onSignOut }: { connection: ConnectionSource; onSignOut: () => void }) {
  const client = useApolloClient();
  const [asked, setAsked] = useState<string | null>(() => location.hash.slice(1) || null);
  const { data, error, refetch } = useBoard(asked);
  const board = data?.board ?? null;
  const me = data?.viewer?.user ?? null;
  const { notice, show, close } = useNotice();
  const { move, add } = useActions(asked, show);
  const [blocking, setBlocking] = useState<{ card: CardFragment; place: Place } | null>(null);

  const { touched, said, touch } = useTouched(me?.id);
  useChanges({ asked, board: board?.id, start: data?.streamCursor, reload: refetch, onTask: touch });
  const viewers = useViewers(board?.id);

  const lanes = useMemo(
    () =>
      [...(board?.columns ?? [])]
        .sort((a, b) => a.position - b.position)
        .map((column) => ({ column, cards: inOrder(column.tasks.nodes) })),
    [board],
  );
  const drop = useCallback(
    (card: CardFragment, place: Place) => {
      if (place.column.status !== "BLOCKED" || card.blocked) void move(card, place);
      else setTimeout(() => setBlocking({ card, place }), LET_GO_MS);
    },
    [move],
  );
  const { shown, lifted, ...drag } = useDrag(lanes, drop);
  const may = (permission: string) => data?.viewer?.permissions.includes(permission) ?? false;

  function choose(id: string) {
    location.hash = id;
    setAsked(id);
  }

  return (
    <>
      <Header
        boards={data?.boards ?? []}
        board={board}
        me={me}
        viewers={viewers}
        connection={connection}
        onChoose={choose}
        onSignOut={onSignOut}
      />
      {!data && !error && <Loading />}
      {error && !data && (
        <Nothing text={texts.failed} detail={error.message}>
          <button type="button" className="main" onClick={() => void refetch().catch(() => undefined)}>
            {texts.again}
          </button>
        </Nothing>
      )}
      {data && !board && <Nothing text={texts.none} />}
      {board && (
        <DndContext
          {...drag}
          accessibility={{
            announcements: announcements(shown),
            screenReaderInstructions: { draggable: texts.lift },
          }}
        >
          <main className="board">
            {shown.map(({ column, cards }, index) => (
              <ColumnView
                key={column.id}
                column={column}
                cards={cards}
                count={column.taskCount + cards.length - lanes[index]!.cards.length}
                movable={may("task.update")}
                touched={touched}
                onMore={column.tasks.pageInfo.hasNextPage ? () => void more(column.id, column.tasks.pageInfo.endCursor) : null}
                onAdd={may("task.create") ? (title) => void add(column, board.id, title) : null}
              />
            ))}
          </main>
          <DragOverlay className="hovering">{lifted && <CardFace card={lifted} />}</DragOverlay>
        </DndContext>
      )}
      {blocking && (
        <BlockDialog
          title={blocking.card.title}
          onCancel={() => setBlocking(null)}
          onReason={(blockedReason) => {
            setBlocking(null);
            void move(blocking.card, blocking.place, { blockedReason });
          }}
        />
      )}
      <NoticeBox notice={notice} close={close} />
      <p className="unseen" role="status">
        {said}
      </p>
    </>
  );

  async function more(id: string, after: string | null) {
    if (after === null) return;
    // The cache puts the page behind the others.
    await client
      .query({ query: ColumnTasksDocument, variables: { id, after }, fetchPolicy: "network-only" })
      .catch(() => show({ tone: "refused", title: texts.unreachable }));
  }
}

/** The cards that others changed a moment ago, and the last of these changes in words. */
function useTouched(me: string | undefined) {
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [said, setSaid] = useState("");
  const mine = useRef(me);
  mine.current = me;
  const touch = useCallback(({ id, actor, task }: TaskEvent) => {
    if (!actor || actor.id === mine.current) return;
    if (task) setSaid(texts.said(actor.name, task.title));
    setTouched((before) => new Set(before).add(id));
    setTimeout(() => setTouched((before) => new Set([...before].filter((other) => other !== id))), TOUCHED_MS);
  }, []);
  return { touched, said, touch };
}

function Loading() {
  return (
    <main className="board loading" aria-busy="true" aria-label={texts.loading}>
      {[4, 3, 5, 2, 3].map((cards, index) => (
        <section className="column" key={index}>
          <header />
          <ul>
            {Array.from({ length: cards }, (_, place) => (
              <li key={place} className="card" />
            ))}
          </ul>
        </section>
      ))}
    </main>
  );
}

function Nothing({ text, detail, children }: { text: string; detail?: string; children?: React.ReactNode }) {
  return (
    <main className="nothing">
      <p>{text}</p>
      {detail && <p className="quiet">{detail}</p>}
      {children}
    </main>
  );
}
