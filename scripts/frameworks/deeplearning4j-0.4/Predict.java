import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.beust.jcommander.JCommander;
import com.beust.jcommander.Parameter;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.slf4j.LoggerFactory;

/** Scores the MNIST test images with a network that Train has saved. */
public class Predict {
    static final int CLASSES = 10;

    enum Activation { TANH, RELU, SIGMOID }

    enum Precision { FLOAT32, FLOAT64 }

    @Parameter(names = "--model", required = true)
    Path model;

    @Parameter(names = "--test-images", required = true)
    Path testImages;

    @Parameter(names = "--scores", required = true)
    Path scores;

    @Parameter(names = "--inputs", required = true)
    int inputs;

    @Parameter(names = "--hidden-layers", required = true)
    int hiddenLayers;

    @Parameter(names = "--hidden-units", required = true)
    int hiddenUnits;

    @Parameter(names = "--activation", required = true)
    Activation activation;

    @Parameter(names = "--batch-size", required = true)
    int batchSize;

    @Parameter(names = "--repeats")
    int repeats = 1;

    @Parameter(names = "--precision")
    Precision precision = Precision.FLOAT32;

    static INDArray readFloats(Path file, int columns) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return Nd4j.create(values, new int[] {values.length / columns, columns}, 'c');
    }

    static void writeFloats(Path file, float[] values) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
        bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
        Files.write(file, bytes.array());
    }

    void run() throws IOException {
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
        Nd4j.dtype = precision == Precision.FLOAT32 ? DataBuffer.Type.FLOAT : DataBuffer.Type.DOUBLE;
        System.out.println("ready");

        INDArray images = readFloats(testImages, inputs);
        System.out.println("loaded");

        byte[] json = Files.readAllBytes(model.resolve("configuration.json"));
        MultiLayerNetwork network = new MultiLayerNetwork(
                MultiLayerConfiguration.fromJson(new String(json, StandardCharsets.UTF_8)));
        network.init();
        try (DataInputStream file = new DataInputStream(
                Files.newInputStream(model.resolve("parameters.bin")))) {
            network.setParameters(Nd4j.read(file));
        }
        System.out.println("built");

        INDArray logits = Nd4j.create(images.rows(), CLASSES);
        for (int repeat = 1; repeat <= repeats; repeat++) {
            for (int start = 0; start < images.rows(); start += batchSize) {
                int end = Math.min(start + batchSize, images.rows());
                INDArray batch = images.get(NDArrayIndex.interval(start, end), NDArrayIndex.all());
                logits.get(NDArrayIndex.interval(start, end), NDArrayIndex.all())
                        .assign(network.preOutput(batch));
            }
            System.out.println("predicted " + repeat);
        }

        writeFloats(scores, logits.dup('c').data().asFloat());
        System.out.println("saved");
    }

    public static void main(String[] args) throws IOException {
        Predict predict = new Predict();
        new JCommander(predict, args);
        predict.run();
    }
}
