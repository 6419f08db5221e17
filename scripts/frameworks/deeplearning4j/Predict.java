import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.shade.jackson.annotation.JsonIgnoreProperties;
import org.nd4j.shade.jackson.databind.JsonMappingException;
import org.nd4j.shade.jackson.databind.MapperFeature;
import org.nd4j.shade.jackson.databind.PropertyNamingStrategies;
import org.nd4j.shade.jackson.databind.json.JsonMapper;

/** Scores the MNIST test images with a network that Train has saved. */
// The saved network has these.
@JsonIgnoreProperties({"hidden_layers", "hidden_units", "activation"})
public class Predict {
    static final int CLASSES = 10;

    enum Precision { FLOAT32, FLOAT64 }

    public File model;
    public Path testImages;
    public Path scores;
    public int inputs;
    public int batchSize;
    public int repeats;
    public Precision precision;

    static INDArray readFloats(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return Nd4j.createFromArray(values);
    }

    static void writeFloats(Path file, INDArray array) throws IOException {
        float[] values = array.dup('c').data().asFloat();
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
        bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
        Files.write(file, bytes.array());
    }

    void run() throws IOException {
        DataType dataType = precision == Precision.FLOAT32 ? DataType.FLOAT : DataType.DOUBLE;
        Nd4j.setDefaultDataTypes(dataType, dataType);
        System.out.println("ready");

        INDArray images = readFloats(testImages).reshape(-1, inputs).castTo(dataType);
        System.out.println("loaded");

        MultiLayerNetwork network = MultiLayerNetwork.load(new File(model, "model.zip"), false);
        // Logits: a probability may be too small for a float, and have no logarithm then.
        ((BaseLayer) network.getOutputLayer().conf().getLayer())
                .setActivationFn(new ActivationIdentity());
        System.out.println("built");

        INDArray logits = Nd4j.create(images.rows(), CLASSES);
        for (int repeat = 1; repeat <= repeats; repeat++) {
            for (int start = 0; start < images.rows(); start += batchSize) {
                int end = Math.min(start + batchSize, images.rows());
                INDArray batch = images.get(NDArrayIndex.interval(start, end), NDArrayIndex.all());
                logits.get(NDArrayIndex.interval(start, end), NDArrayIndex.all())
                        .assign(network.output(batch));
            }
            System.out.println("predicted " + repeat);
        }

        writeFloats(scores, logits);
        System.out.println("saved");
    }

    public static void main(String[] args) throws IOException {
        Predict predict = new Predict();
        try {
            JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                    .build()
                    .readerForUpdating(predict)
                    .readValue(new File(args[0]));
        } catch (JsonMappingException e) {
            System.err.println("cannot take these settings: " + e.getOriginalMessage());
            System.exit(1);
        }
        predict.run();
    }
}
