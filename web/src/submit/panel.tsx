import { useEffect, useState, useSyncExternalStore } from "react";
import { useTexts } from "../texts/texts";
import { Panel } from "../ui/panel";
import type { Position } from "../watch/position";
import { client } from "./client";
import { sessionDrafts } from "./draftstorage";
import { FileImport } from "./fileimport";
import { Form } from "./form";
import { Submission } from "./submission";
import { StopQuestion, Upload } from "./upload";

// What is being filled in and imported is the page's, not the panel's, which comes and goes.
const submission = new Submission(sessionDrafts, (request, signal) => client.submitPerson(request, { signal }));
const fileImport = new FileImport(async (submissions, signal) => (await client.submitPersons({ submissions }, { signal })).results);

// A browser does not say whether a page is left or loaded again, and what a reload has again is not asked about.
addEventListener("beforeunload", (event) => {
  if (submission.isAtRisk || fileImport.isUnderWay) event.preventDefault();
});

/** Takes a file that was dropped on the page. */
export function takeFile(file: File): void {
  void fileImport.take(file);
}

/** One person, or a file of many. */
export default function SubmitPanel(props: {
  onClose: () => void;
  onStored: (position: Position) => void;
  onShow: (position: Position) => void;
}) {
  const texts = useTexts();
  const state = useSyncExternalStore(fileImport.subscribe, fileImport.snapshot);
  const [asking, setAsking] = useState(false);
  const isUnderWay = state.is === "underWay";
  useEffect(() => {
    if (!isUnderWay) setAsking(false);
  }, [isUnderWay]);
  return (
    <Panel heading={texts.form.heading} onClose={() => (isUnderWay ? setAsking(true) : props.onClose())}>
      {state.file === undefined && <Form submission={submission} onStored={props.onStored} onShow={props.onShow} />}
      <Upload fileImport={fileImport} state={state} />
      {asking && isUnderWay && (
        <StopQuestion
          state={state}
          onNo={() => setAsking(false)}
          onYes={() => {
            setAsking(false);
            fileImport.stop();
          }}
        />
      )}
    </Panel>
  );
}
