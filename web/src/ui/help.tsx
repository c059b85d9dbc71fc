import { useTexts } from "../texts/texts";
import { Panel } from "./panel";

export function Help({ onClose }: { onClose: () => void }) {
  const texts = useTexts();
  const keys: readonly (readonly [string, string])[] = [
    ["j k ↑ ↓", texts.help.rows],
    ["Enter", texts.help.open],
    ["/", texts.help.filter],
    ["s", texts.help.search],
    ["n", texts.help.newPerson],
    ["p", texts.help.pause],
    ["f", texts.help.figures],
    ["Esc", texts.help.close],
    ["?", texts.help.help],
  ];
  return (
    <Panel heading={texts.help.heading} onClose={onClose}>
      <dl className="keys">
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              {key.split(" ").map((k) => (
                <kbd key={k}>{k}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
