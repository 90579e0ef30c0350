// A card: what there is to do, and what one has to know of it at a glance.
import { useSortable } from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import type { CSSProperties, ReactNode } from "react";
import type { CardFragment } from "../graphql/generated";
import { Avatar } from "../page/Avatar";
import { CommentIcon, StepsIcon } from "../page/icons";
import { day, fullMoment, texts } from "../texts";

/** A card in its column, which can be lifted. */
export function SortableCard({ card, movable, touched }: { card: CardFragment; movable: boolean; touched: boolean }) {
  const { attributes, listeners, setNodeRef, transform, transition, isDragging } = useSortable({
    id: card.id,
    disabled: !movable,
  });
  return (
    <li
      ref={setNodeRef}
      className={`place${isDragging ? " lifted" : ""}${touched ? " touched" : ""}`}
      style={{ transform: CSS.Transform.toString(transform), transition }}
      data-task={card.id}
      {...attributes}
      {...listeners}
      role="listitem"
    >
      <CardFace card={card} />
    </li>
  );
}

/** What a card shows, in its column and under the pointer. */
export function CardFace({ card }: { card: CardFragment }) {
  const done = card.status === "DONE";
  return (
    <article className={`card${done ? " done" : ""}`}>
      {(card.priority !== "MEDIUM" || card.labels.length > 0) && (
        <p className="chips">
          {card.priority !== "MEDIUM" && (
            <span className={`chip ${card.priority}`}>{texts.priority[card.priority]}</span>
          )}
          {card.labels.map(({ id, name, color }) => (
            <span key={id} className="chip label" style={{ "--tone": color } as CSSProperties}>
              {name}
            </span>
          ))}
        </p>
      )}
      <h3>{card.title}</h3>
      {card.property && <p className="property">{card.property.title}</p>}
      {card.blocked && (
        <p className="blocked">
          <b>{texts.blocked}:</b> {card.blocked.reason}
        </p>
      )}
      {card.progress > 0 && !done && (
        <progress max={100} value={card.progress} title={`${card.progress} %`}>
          {card.progress} %
        </progress>
      )}
      <footer>
        {done ? (
          <span className="due">✓ {texts.done}</span>
        ) : (
          <time
            className={card.isOverdue ? "due late" : "due"}
            dateTime={card.dueDate}
            title={texts.due(fullMoment(card.dueDate))}
          >
            {card.isOverdue ? texts.overdue(day(card.dueDate)) : day(card.dueDate)}
          </time>
        )}
        <span className="space" />
        {card.subtaskProgress !== null && (
          <Fact label={texts.subtasks(Math.round(Number(card.subtaskProgress)))}>
            <StepsIcon /> {Math.round(Number(card.subtaskProgress))} %
          </Fact>
        )}
        {card.commentCount > 0 && (
          <Fact label={texts.comments(card.commentCount)}>
            <CommentIcon /> {card.commentCount}
          </Fact>
        )}
        {card.assignee && <Avatar id={card.assignee.id} name={card.assignee.name} />}
        {card.assignee && <span className="unseen">{card.assignee.name}</span>}
      </footer>
    </article>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <span className="fact" title={label} role="img" aria-label={label}>
      {children}
    </span>
  );
}
