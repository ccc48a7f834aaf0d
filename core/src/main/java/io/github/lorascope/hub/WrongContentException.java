package io.github.lorascope.hub;

/** What came is not the file that the hub lists. */
final class WrongContentException extends HubException {
  private static final long serialVersionUID = 1L;

  WrongContentException(ListedFile file, String lies) {
    super(
        file.name()
            + " is not what the hub lists: "
            + lies
            + "; it was removed. Try again; if that happens again, the hub or a proxy before it is at"
            + " fault");
  }
}
