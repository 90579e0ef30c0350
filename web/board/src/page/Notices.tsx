// What the page has to say: one sentence, perhaps with something one can do about it. It goes away by itself.
import { useCallback, useEffect, useState } from "react";
import { texts } from "../texts";

const SHOWN_MS = 9_000;

export interface Notice {
  title: string;
  text?: string | undefined;
  tone: "refused" | "warned";
  action?: { label: string; run: () => void } | undefined;
}

export function useNotice() {
  const [notice, setNotice] = useState<Notice | null>(null);
  const close = useCallback(() => setNotice(null), []);
  useEffect(() => {
    if (!notice) return undefined;
    const timer = setTimeout(close, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [notice, close]);
  return { notice, show: setNotice, close };
}

export function NoticeBox({ notice, close }: { notice: Notice | null; close: () => void }) {
  return (
    <div className="notices" role="status" aria-live="assertive">
      {notice && (
        <div className={`notice ${notice.tone}`}>
          <i aria-hidden="true" />
          <div>
            <b>{notice.title}</b>
            {notice.text && <p>{notice.text}</p>}
          </div>
          {notice.action && (
            <button
              type="button"
              className="main"
              onClick={() => {
                close();
                notice.action?.run();
              }}
            >
              {notice.action.label}
            </button>
          )}
          <button type="button" className="icon" aria-label={texts.close} title={texts.close} onClick={close}>
            ×
          </button>
        </div>
      )}
    </div>
  );
}
