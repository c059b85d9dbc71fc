import { type ReactNode, useId } from "react";

export interface FieldAttributes {
  readonly id: string;
  readonly "aria-invalid": boolean;
  readonly "aria-describedby": string | undefined;
}

/** A field with its label, a note on what is in it, and what is wrong with it. */
export function Field(props: {
  label: string;
  hideLabel?: boolean;
  optional?: string;
  note?: string | undefined;
  mistake: string | undefined;
  children: (attributes: FieldAttributes) => ReactNode;
}) {
  const id = useId();
  const { label, hideLabel, optional, note, mistake } = props;
  const describedBy = [note === undefined ? "" : `${id}-note`, mistake === undefined ? "" : `${id}-mistake`].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label htmlFor={id} className={hideLabel === true ? "hidden" : ""}>
        {label} {optional !== undefined && <span className="faint">{optional}</span>}
      </label>
      {props.children({ id, "aria-invalid": mistake !== undefined, "aria-describedby": describedBy === "" ? undefined : describedBy })}
      {note !== undefined && (
        <output className="note" id={`${id}-note`} htmlFor={id}>
          {note}
        </output>
      )}
      {mistake !== undefined && (
        <p className="error" id={`${id}-mistake`}>
          {mistake}
        </p>
      )}
    </div>
  );
}
