import type { CSSProperties } from "react";

/** A person as initials, in a colour that stays the person's own. */
export function Avatar({ name, id, title = name }: { name: string; id: string; title?: string }) {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + character.charCodeAt(0)) % 360;
  return (
    <span className="avatar" style={{ "--hue": sum } as CSSProperties} title={title} aria-hidden="true">
      {initials(name)}
    </span>
  );
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0]![0], words.at(-1)![0]] : [...words[0]!].slice(0, 1);
  return letters.join("").toUpperCase();
}
