// Small drawings of the page, in the colour of the text around them.
import type { ReactNode } from "react";
import type { Theme } from "./theme";

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg className="drawing" viewBox="0 0 20 20" aria-hidden="true">
      {children}
    </svg>
  );
}

export function ThemeIcon({ theme }: { theme: Theme }) {
  if (theme === "dark") return <Icon>{<path d="M16.5 12.2A7 7 0 0 1 7.8 3.5a7 7 0 1 0 8.7 8.7z" />}</Icon>;
  return (
    <Icon>
      <circle cx="10" cy="10" r="3.6" />
      {theme === "auto" && <path className="filled" d="M10 6.4a3.6 3.6 0 0 1 0 7.2z" />}
      <path d="M10 2v2M10 16v2M2 10h2M16 10h2M4.3 4.3l1.4 1.4M14.3 14.3l1.4 1.4M4.3 15.7l1.4-1.4M14.3 5.7l1.4-1.4" />
    </Icon>
  );
}

export function LeaveIcon() {
  return (
    <Icon>
      <path d="M8 3H4.5A1.5 1.5 0 0 0 3 4.5v11A1.5 1.5 0 0 0 4.5 17H8M12.5 6.5 16 10l-3.5 3.5M16 10H7.5" />
    </Icon>
  );
}

export function StepsIcon() {
  return (
    <Icon>
      <path d="m3 6 1.8 1.8L8 4.5M3 14l1.8 1.8L8 12.5M11.5 6H17M11.5 14H17" />
    </Icon>
  );
}

export function CommentIcon() {
  return (
    <Icon>
      <path d="M4 4.5h12A1.5 1.5 0 0 1 17.5 6v7a1.5 1.5 0 0 1-1.5 1.5H9.5L6 17.5v-3H4A1.5 1.5 0 0 1 2.5 13V6A1.5 1.5 0 0 1 4 4.5z" />
    </Icon>
  );
}

/** The house of the product. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M4 15.5 16 5l12 10.5" />
      <path d="M8 14v12h16V14" />
      <circle cx="16" cy="19" r="2.6" />
    </svg>
  );
}
