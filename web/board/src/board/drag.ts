// Lifting a card and putting it down, by mouse, finger or keyboard. While it hovers, the order on the screen is ours alone.
import {
  closestCorners,
  KeyboardSensor,
  MouseSensor,
  pointerWithin,
  TouchSensor,
  useSensor,
  useSensors,
  type Announcements,
  type CollisionDetection,
  type DragEndEvent,
  type DragOverEvent,
  type DragStartEvent,
  type KeyboardCoordinateGetter,
  type UniqueIdentifier,
} from "@dnd-kit/core";
import { arrayMove } from "@dnd-kit/sortable";
import { useState } from "react";
import type { Column } from "../changes";
import type { CardFragment } from "../graphql/generated";
import { texts } from "../texts";
import type { Place } from "./actions";

export interface Lane {
  column: Column;
  cards: readonly CardFragment[];
}

/** Ids of cards by the id of their column. */
type Order = ReadonlyMap<string, readonly string[]>;

/** What `DndContext` needs, the lanes as they are to be shown, and the card that hovers. */
export function useDrag(lanes: readonly Lane[], onDrop: (card: CardFragment, place: Place) => void) {
  const [order, setOrder] = useState<Order | null>(null);
  const [lifted, setLifted] = useState<CardFragment | null>(null);
  const sensors = useSensors(
    useSensor(MouseSensor, { activationConstraint: { distance: 5 } }),
    // A finger that moves at once scrolls.
    useSensor(TouchSensor, { activationConstraint: { delay: 180, tolerance: 8 } }),
    useSensor(KeyboardSensor, { coordinateGetter: byArrow }),
  );

  const cards = new Map(lanes.flatMap((lane) => lane.cards.map((card) => [card.id, card] as const)));
  const real: Order = new Map(lanes.map((lane) => [lane.column.id, lane.cards.map(({ id }) => id)]));
  const columnOf = (id: UniqueIdentifier, among: Order) =>
    among.has(String(id)) ? String(id) : [...among].find(([, ids]) => ids.includes(String(id)))?.[0];

  function end() {
    setOrder(null);
    setLifted(null);
  }

  function onDragStart({ active }: DragStartEvent) {
    setLifted(cards.get(String(active.id)) ?? null);
    setOrder(real);
  }

  /** Another column: the card goes over there, so that its cards make room. */
  function onDragOver({ active, over }: DragOverEvent) {
    if (!over || !order) return;
    const from = columnOf(active.id, order);
    const to = columnOf(over.id, order);
    if (!from || !to || from === to) return;
    const id = String(active.id);
    const target = order.get(to)!;
    const at = target.indexOf(String(over.id));
    const rect = active.rect.current.translated;
    const below = rect !== null && rect.top > over.rect.top + over.rect.height / 2;
    const index = at < 0 ? target.length : at + (below ? 1 : 0);
    const next = new Map(order);
    next.set(from, order.get(from)!.filter((other) => other !== id));
    next.set(to, [...target.slice(0, index), id, ...target.slice(index)]);
    setOrder(next);
  }

  function onDragEnd({ active, over }: DragEndEvent) {
    const id = String(active.id);
    const to = order && columnOf(id, order);
    end();
    if (!over || !order || !to || !lifted) return;
    const ids = order.get(to)!;
    const at = ids.indexOf(String(over.id));
    const placed = at < 0 ? ids : arrayMove([...ids], ids.indexOf(id), at);
    const index = placed.indexOf(id);
    const before = real.get(to)!;
    if (before.includes(id) && before.indexOf(id) === index) return;
    const lane = lanes.find(({ column }) => column.id === to)!;
    onDrop(lifted, { column: lane.column, after: placed[index - 1] ?? null });
  }

  const shown = lanes.map((lane) => ({
    ...lane,
    cards: (order?.get(lane.column.id) ?? real.get(lane.column.id)!).flatMap((id) => cards.get(id) ?? []),
  }));
  return { sensors, collisionDetection, onDragStart, onDragOver, onDragEnd, onDragCancel: end, shown, lifted };
}

/** Where an arrow key takes a card: to the next card of its column, or across into the column beside it. */
const byArrow: KeyboardCoordinateGetter = (event, { active, context }) => {
  const { collisionRect: card, droppableRects, droppableContainers } = context;
  const way = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" }[event.code];
  if (!card || !way) return undefined;
  event.preventDefault();
  const middle = card.left + card.width / 2;
  const all = droppableContainers.getEnabled().flatMap(({ id, data }) => {
    const rect = droppableRects.get(id);
    return rect && id !== active ? [{ rect, isCard: Boolean(data.current?.sortable) }] : [];
  });
  const rects = (isCard: boolean) => all.filter((one) => one.isCard === isCard).map(({ rect }) => rect);
  const nearest = <Rect>(found: Rect[], distance: (rect: Rect) => number) =>
    found.sort((a, b) => distance(a) - distance(b))[0];
  const cardsAt = (x: number) => rects(true).filter(({ left, right }) => left < x && x < right);

  if (way === "up" || way === "down") {
    const next = cardsAt(middle).filter(({ top }) => (way === "up" ? top < card.top - 1 : top > card.top + 1));
    const target = nearest(next, ({ top }) => Math.abs(top - card.top));
    return target && { x: target.left, y: target.top };
  }
  const beside = rects(false).filter(({ left, right }) => (way === "left" ? right <= middle : left >= middle));
  const column = nearest(beside, ({ left }) => Math.abs(left - card.left));
  if (!column) return undefined;
  const inside = cardsAt(column.left + column.width / 2);
  const target = nearest(inside, ({ top }) => Math.abs(top - card.top)) ?? column;
  return { x: target.left, y: target.top };
};

/** What the pointer is in counts; the keyboard has no pointer, there the nearest does. */
const collisionDetection: CollisionDetection = (given) => {
  const within = pointerWithin(given);
  if (!within.length) return closestCorners(given);
  const ids = new Set(within.map(({ id }) => id));
  const inside = given.droppableContainers.filter(({ id, data }) => ids.has(id) && data.current?.sortable);
  return inside.length ? closestCorners({ ...given, droppableContainers: inside }) : within;
};

/** What a screen reader says while a card is moved. */
export function announcements(lanes: readonly Lane[]): Announcements {
  const title = (id: UniqueIdentifier) =>
    lanes.flatMap(({ cards }) => [...cards]).find((card) => card.id === id)?.title ?? "";
  const laneOf = (id: UniqueIdentifier) =>
    lanes.find(({ column, cards }) => column.id === id || cards.some((card) => card.id === id));
  return {
    onDragStart: ({ active }) => texts.lifted(title(active.id)),
    onDragOver({ active, over }) {
      const lane = over && laneOf(over.id);
      if (!lane) return undefined;
      const place = lane.cards.findIndex(({ id }) => id === over.id);
      const all = lane.cards.length;
      return texts.over(title(active.id), lane.column.name, place < 0 ? all : place + 1, all);
    },
    onDragEnd: ({ active, over }) => texts.dropped(title(active.id), (over && laneOf(over.id)?.column.name) ?? ""),
    onDragCancel: ({ active }) => texts.cancelled(title(active.id)),
  };
}
