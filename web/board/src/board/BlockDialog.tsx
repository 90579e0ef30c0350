// Asks what a task is waiting for before it goes among the blocked ones.
import { useEffect, useRef, type FormEvent } from "react";
import { texts } from "../texts";

interface Props {
  title: string;
  onReason: (reason: string) => void;
  onCancel: () => void;
}

export function BlockDialog({ title, onReason, onCancel }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get("reason")).trim();
    if (reason) onReason(reason);
  }
  return (
    <dialog ref={dialog} onClose={onCancel} aria-labelledby="block-title">
      <form onSubmit={submit}>
        <h2 id="block-title">{texts.blockTitle}</h2>
        <p className="quiet">{title}</p>
        <label>
          {texts.blockHint}
          <input name="reason" maxLength={500} required autoFocus />
        </label>
        <div className="buttons">
          <button type="button" className="quiet" onClick={onCancel}>
            {texts.cancel}
          </button>
          <button type="submit" className="main">
            {texts.blockSave}
          </button>
        </div>
      </form>
    </dialog>
  );
}
