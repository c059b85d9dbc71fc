import { useTexts } from "../texts/texts";
import { Panel } from "../ui/panel";
import type { Position } from "../watch/position";
import { Form } from "./form";
import { Upload } from "./upload";

/** One person, or a file of many. */
export default function SubmitPanel(props: {
  file: File | undefined;
  onFile: (file: File | undefined) => void;
  onClose: () => void;
  onStored: (position: Position) => void;
  onShow: (position: Position) => void;
}) {
  const texts = useTexts();
  const { file, onFile } = props;
  return (
    <Panel heading={texts.form.heading} onClose={props.onClose}>
      {file === undefined && <Form onStored={props.onStored} onShow={props.onShow} />}
      <Upload file={file} onFile={onFile} />
    </Panel>
  );
}
