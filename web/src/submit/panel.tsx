import { useState } from "react";
import type { Place } from "../table/table";
import { useTexts } from "../texts/texts";
import { Panel } from "../ui/panel";
import { Form } from "./form";
import { Upload } from "./upload";

/** One person, or a file of many. */
export default function SubmitPanel(props: {
  onClose: () => void;
  onStored: (place: Place) => void;
  onShow: (place: Place) => void;
}) {
  const texts = useTexts();
  const [file, setFile] = useState<File>();
  return (
    <Panel heading={texts.form.heading} onClose={props.onClose}>
      {file === undefined && <Form onStored={props.onStored} onShow={props.onShow} />}
      <Upload file={file} onFile={setFile} />
    </Panel>
  );
}
