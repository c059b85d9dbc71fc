import { useTexts } from "../texts/texts";

/** Stands for a part of the page that could not be loaded. */
export function NotLoaded() {
  const texts = useTexts();
  return (
    <p className="notice" role="alert">
      {texts.notLoaded}{" "}
      <button type="button" className="quiet" onClick={() => location.reload()}>
        {texts.reload}
      </button>
    </p>
  );
}
