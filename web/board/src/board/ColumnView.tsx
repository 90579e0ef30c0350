// A column: its name, how full it is, its cards in their order, and a place for a new one.
import { useDroppable } from "@dnd-kit/core";
import { SortableContext, verticalListSortingStrategy } from "@dnd-kit/sortable";
import { useState, type CSSProperties, type FormEvent } from "react";
import type { Column } from "../changes";
import type { CardFragment } from "../graphql/generated";
import { texts } from "../texts";
import { SortableCard } from "./CardView";

interface Props {
  column: Column;
  cards: readonly CardFragment[];
  /** While a card hovers, the column counts it. */
  count: number;
  movable: boolean;
  touched: ReadonlySet<string>;
  onMore: (() => void) | null;
  onAdd: ((title: string) => void) | null;
}

export function ColumnView({ column, cards, count, movable, touched, onMore, onAdd }: Props) {
  const { setNodeRef, isOver } = useDroppable({ id: column.id });
  const { wipLimit: limit } = column;
  const full = limit !== null && count >= limit;
  const label = limit === null ? texts.count(count) : texts.limit(count, limit);
  return (
    <section
      className={`column${isOver ? " over" : ""}${limit !== null && count > limit ? " beyond" : full ? " full" : ""}`}
      style={{ "--tone": column.color } as CSSProperties}
      aria-labelledby={`name-${column.id}`}
      data-status={column.status}
    >
      <header>
        <i aria-hidden="true" />
        <h2 id={`name-${column.id}`}>{column.name}</h2>
        <span className="count" title={label} aria-label={label}>
          {count}
          {limit !== null && <small> / {limit}</small>}
        </span>
      </header>
      <SortableContext items={cards.map(({ id }) => id)} strategy={verticalListSortingStrategy}>
        <ul ref={setNodeRef} aria-labelledby={`name-${column.id}`}>
          {cards.map((card) => (
            <SortableCard key={card.id} card={card} movable={movable} touched={touched.has(card.id)} />
          ))}
          {!cards.length && <li className="empty">{texts.empty}</li>}
          {onMore && (
            <li className="further">
              <button type="button" className="quiet" onClick={onMore}>
                {texts.more}
              </button>
            </li>
          )}
        </ul>
      </SortableContext>
      {onAdd && <NewCard column={column.name} onAdd={onAdd} />}
    </section>
  );
}

function NewCard({ column, onAdd }: { column: string; onAdd: (title: string) => void }) {
  const [open, setOpen] = useState(false);
  if (!open) {
    return (
      <button type="button" className="new" aria-label={texts.addHere(column)} onClick={() => setOpen(true)}>
        + {texts.add}
      </button>
    );
  }
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const title = String(new FormData(event.currentTarget).get("title")).trim();
    if (title) onAdd(title);
    event.currentTarget.reset();
  }
  return (
    <form className="new-form" onSubmit={submit} onKeyDown={(event) => event.key === "Escape" && setOpen(false)}>
      <input name="title" aria-label={texts.what} placeholder={texts.what} maxLength={200} autoFocus required />
      <div>
        <button type="submit" className="main">
          {texts.save}
        </button>
        <button type="button" className="quiet" onClick={() => setOpen(false)}>
          {texts.cancel}
        </button>
      </div>
    </form>
  );
}
